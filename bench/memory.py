"""What API and worker take of memory when they may take no more: SQS silent, S3 dead.

The API's figure is its peak beyond the ceiling of what it holds; the worker's is what each held row takes.
"""

import asyncio
import time

import httpx

from bench import processes, samples, stub
from bench.effort import Effort
from bench.figure import Rounds
from bench.queue import Queue
from bench.single import UNLIMITED
from ops import readings, stack
from shared.settings import ApiSettings

MB = 1_000_000
CEILING = int(ApiSettings.model_fields["api_outbox_bytes"].default)
FLOOD_SECONDS = 12
SETTLE_SECONDS = 6
"""In which windows are written, fail and are put back."""
POSTS = 5
CLIENTS = 1000
ROWS = 100_000
ROWS_AN_OBJECT = 5


def measure(effort: Effort) -> Rounds:
    return {"memory_api": [_api(effort)], "memory_worker_row": [_worker(effort)]}


def _api(effort: Effort) -> float:
    """Flood an API whose queue does not answer; return the MB that its peak lies above the ceiling of its outbox."""
    with (
        stub.running(lambda _operation, _arguments: None) as sqs,
        processes.api(sqs, API_SEND_SECONDS="60", **UNLIMITED) as (api, url),
    ):
        body = b"[" + b",".join(body[1:-1] for body in samples.posts(POSTS)) + b"]"
        statuses = asyncio.run(_flood(url, body, FLOOD_SECONDS if effort.is_full else FLOOD_SECONDS / 2))
        assert 503 in statuses, f"the ceiling was not reached: {statuses}"
        return (processes.resident(api) - CEILING) / MB


async def _flood(url: str, body: bytes, seconds: float) -> set[int]:
    """POST from many connections for so long; return the statuses answered."""
    statuses: set[int] = set()
    until = time.monotonic() + seconds

    async def post(client: httpx.AsyncClient) -> None:
        while time.monotonic() < until:
            statuses.add((await client.post(f"{url}/v1/events", content=body)).status_code)

    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {processes.KEY}"}
    async with httpx.AsyncClient(timeout=None, limits=httpx.Limits(max_connections=None), headers=headers) as client:
        posting = [asyncio.create_task(post(client)) for _ in range(CLIENTS)]
        await asyncio.wait(posting, timeout=seconds + 5)
        for task in posting:
            task.cancel()
    return statuses


def _worker(effort: Effort) -> float:
    """Let a worker hold rows while S3 is dead; return the bytes by which each made it grow."""
    rows = max(effort.size(ROWS), ROWS // 2)  # few would mostly measure what threads take
    queue = Queue()
    messages = samples.messages(samples.lines(samples.user_days(range(rows // ROWS_AN_OBJECT), ROWS_AN_OBJECT)))

    with (
        stub.running(queue.answer) as sqs,
        processes.running("worker", sqs, WORKER_FLUSH_SECONDS="2", WORKER_HELD_BYTES=str(2**30)) as worker,
    ):
        metrics = worker.announced("started", "metrics_url")
        queue.put([messages[0]])
        _wait_for_messages(metrics, 1)
        idle = processes.resident(worker)
        queue.put(messages[1:])
        _wait_for_messages(metrics, len(messages))
        time.sleep(SETTLE_SECONDS)
        return (processes.resident(worker) - idle) / rows


def _wait_for_messages(metrics: str, count: int) -> None:
    name = "touchlake_worker_messages_received_total"
    stack.wait_for(lambda: readings.total([metrics], name) >= count, 60, "the worker does not take in what waits")
