"""What API and worker take of memory when they may take no more: SQS silent, S3 dead.

The API's figure is its peak beyond the ceiling of what it holds. A worker's are what each held row takes, by the peaks
at a ceiling and at half of it, and by how much it grows, as a share of its ceiling, with 100 rows a message and with
one. The ceiling is the API's, 64 MiB: a
worker's is four times that by default, and takes as many times as long to reach.
"""

import asyncio
import time
from typing import NamedTuple

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
FLOOD_SECONDS = 25
SETTLE_SECONDS = 6
"""In which windows are written, fail and are put back."""
POSTS = 5
CLIENTS = 1000
NEARLY = 0.95
"""Of the ceiling: what is left does not hold one request more."""
ROWS = 100_000
"""More than the ceiling lets a worker hold."""
ROWS_AN_OBJECT = 5
ROWS_A_MESSAGE = 100
LEAST_SHARE = 0.5
"""With fewer rows, threads would be most of what is measured."""


def measure(effort: Effort) -> Rounds:
    api, single = _api(effort), _worker(effort, 1)
    half, packed = (_worker(effort, ROWS_A_MESSAGE, share) for share in (0.5, 1))
    return {
        "memory_api": [api],
        "memory_worker_row": [(packed.grown - half.grown) / (packed.rows - half.rows)],
        "memory_worker_of_ceiling": [packed.grown / packed.ceiling],
        "memory_worker_of_ceiling_1": [single.grown / single.ceiling],
    }


def _api(effort: Effort) -> float:
    """Flood an API whose queue does not answer; return the MB that its peak lies above the ceiling of its outbox."""
    with (
        stub.running(lambda _operation, _arguments: None) as sqs,
        processes.api(sqs, API_SEND_SECONDS="60", **UNLIMITED) as (api, url),
    ):
        body = b"[" + b",".join(body[1:-1] for body in samples.posts(POSTS)) + b"]"
        statuses = asyncio.run(_flood(url, body, FLOOD_SECONDS if effort.is_full else FLOOD_SECONDS / 2))
        held = readings.total([f"{url}/metrics"], "touchlake_api_held_bytes")
        assert 503 in statuses, statuses
        assert held > NEARLY * CEILING, f"the ceiling was not reached: {held} bytes are held"
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


class Held(NamedTuple):
    """What a worker holds at its ceiling, and by how many bytes its peak grew."""

    rows: int
    ceiling: int
    grown: int


def _worker(effort: Effort, rows_a_message: int, share: float = 1) -> Held:
    """Let a worker take in messages until it may hold no more, while S3 is dead."""
    rows, ceiling = round(ROWS * share), round(CEILING * share * max(effort.share, LEAST_SHARE))
    lines = samples.lines(samples.user_days(range(rows // ROWS_AN_OBJECT), ROWS_AN_OBJECT))
    messages = samples.messages(lines, rows_a_message)
    queue = Queue()
    settings = {"WORKER_FLUSH_SECONDS": "2", "WORKER_HELD_BYTES": str(ceiling)}
    with stub.running(queue.answer) as sqs, processes.running("worker", sqs, **settings) as worker:
        metrics = worker.announced("started", "metrics_url")
        idle = processes.resident(worker)
        queue.put(messages)
        stack.wait_for(lambda: _total(metrics, "held_bytes") >= ceiling, 60, "the ceiling is not reached")
        time.sleep(SETTLE_SECONDS)
        received = round(_total(metrics, "messages_received_total"))
        return Held(received * rows_a_message, ceiling, processes.resident(worker) - idle)


def _total(metrics: str, name: str) -> float:
    return readings.total([metrics], f"touchlake_worker_{name}")
