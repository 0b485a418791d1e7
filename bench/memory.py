"""What API and worker take of memory when they may take no more: SQS silent, S3 dead, a million messages waiting."""

import asyncio
import os
import re
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import orjson
from rich.console import Console
from rich.table import Table

from bench import stub
from ops import readings, stack
from ops.stack import Process
from shared import events, packing, strict_json
from shared.events import Reception
from shared.timestamps import now

MIB = 2**20
CEILING = 64 * MIB
"""Of both: the API's default; a worker's is four times that, and takes four times as long to reach."""
SECONDS = 20
EVENTS_A_POST = 500
ROWS_A_MESSAGE = 100
CLIENTS = 1000
console = Console()


class Measured(NamedTuple):
    """Peak resident size before and at the ceiling, and the bytes that the process itself counted as held."""

    name: str
    ceiling: int
    held: float
    idle: int
    peak: int


def main() -> None:
    table = Table(
        "process", "ceiling, MiB", "held by its own count", "idle, MiB", "peak, MiB", "peak - idle, of the ceiling"
    )
    for measured in (measure_api(), measure_worker(1), measure_worker(ROWS_A_MESSAGE)):
        grown = (measured.peak - measured.idle) / measured.ceiling
        sizes = (measured.ceiling, measured.held, measured.idle, measured.peak)
        table.add_row(measured.name, *(f"{size / MIB:,.0f}" for size in sizes), f"{grown:.2f}")
    console.print(table)


def measure_api() -> Measured:
    """Flood an API whose queue does not answer."""
    with stub.running(lambda _operation, _arguments: None) as url, _process("api", url, API_SEND_SECONDS="60") as api:
        address = api.announced("listening", "url")
        idle = _resident(api)
        body = orjson.dumps([_event(n) for n in range(EVENTS_A_POST)])
        statuses = _flood(address, body)
        held = readings.total([f"{address}/metrics"], "touchlake_api_held_bytes")
        assert 503 in statuses, f"the ceiling was not reached: {statuses}"
        return Measured("API, SQS silent", CEILING, held, idle, _resident(api))


def measure_worker(rows: int) -> Measured:
    """Let a worker take in messages without end while S3 is dead."""
    sent = [strict_json.sound(_event(n)) for n in range(ROWS_A_MESSAGE)]
    lines = [events.normalise(event, Reception(now(), "bench")).line for event in sent]
    body = packing.pack(lines[:rows])

    def answer(operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        if operation == "ReceiveMessage":
            return {"Messages": [stub.received(body) for _ in range(10)]}
        return stub.confirm_all(arguments)

    with (
        stub.running(answer) as url,
        _process("worker", url, WORKER_HELD_BYTES=str(CEILING), WORKER_POLLERS="8") as worker,
    ):
        address = worker.announced("started", "metrics_url")
        idle = _resident(worker)
        deadline = time.monotonic() + 10 * SECONDS
        while (held := readings.total([address], "touchlake_worker_held_bytes")) < CEILING:
            assert time.monotonic() < deadline, f"only {held / MIB:.0f} MiB are held"
            time.sleep(0.5)
        time.sleep(SECONDS)  # windows are written, fail and are put back
        return Measured(f"worker, S3 dead, {rows} rows a message", CEILING, held, idle, _resident(worker))


def _flood(address: str, body: bytes) -> set[int]:
    """POST from many connections until some are refused, and for a while after; return the statuses answered."""

    async def post(client: httpx.AsyncClient, until: float, statuses: set[int]) -> None:
        while time.monotonic() < until:
            answer = await client.post(f"{address}/v1/events", content=body)
            statuses.add(answer.status_code)

    async def flood() -> set[int]:
        statuses: set[int] = set()
        until = time.monotonic() + SECONDS
        limits = httpx.Limits(max_connections=None)
        headers = {"Content-Type": "application/json"}
        async with httpx.AsyncClient(timeout=None, limits=limits, headers=headers) as client:  # ends below
            posting = [asyncio.create_task(post(client, until, statuses)) for _ in range(CLIENTS)]
            await asyncio.wait(posting, timeout=SECONDS + 5)
            for task in posting:
                task.cancel()
        return statuses

    return asyncio.run(flood())


def _event(number: int) -> dict[str, Any]:
    return {
        "messageId": f"m-{number:08}-{os.urandom(8).hex()}",
        "userId": f"bt_{number % 50}",
        "event": "touch_sent",
        "timestamp": "2026-11-22T10:11:12.345Z",
        "properties": {"duration_ms": number, "note": os.urandom(80).hex()},
    }


@contextmanager
def _process(module: str, url: str, **settings: str) -> Iterator[Process]:
    environment: Mapping[str, str] = {
        "PATH": os.environ["PATH"],
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "TOUCHLAKE_QUEUE_URL": f"{url}/000000000000/bench",
        "TOUCHLAKE_LAKE_BUCKET": "bench",
        "TOUCHLAKE_AUTH": "off",
        "TOUCHLAKE_API_PORT": "0",
        "TOUCHLAKE_WORKER_METRICS_PORT": "0",
        "TOUCHLAKE_WORKER_FLUSH_SECONDS": "5",
        **{f"TOUCHLAKE_{name}": value for name, value in settings.items()},
    }
    with tempfile.TemporaryDirectory() as folder:
        process = stack.start(module, module, environment, Path(folder))
        try:
            yield process
        finally:
            process.popen.kill()
            process.popen.wait(10)


def _resident(process: Process) -> int:
    """Return the peak resident size in bytes so far."""
    status = Path(f"/proc/{process.popen.pid}/status").read_text()
    (kilobytes,) = re.findall(r"VmHWM:\s+(\d+) kB", status)
    return int(kilobytes) * 1024


if __name__ == "__main__":
    main()
