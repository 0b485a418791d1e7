"""The hot paths, each as work on fixed inputs that can be done again and again."""

import asyncio
from collections.abc import Callable, MutableMapping
from typing import Any

from api.app import create_app
from bench import samples
from bench.inprocess import MemoryQueue, MemoryStore
from shared import intake, logs, packing, parts
from shared.intake import Rules
from shared.queue import Received
from shared.settings import ApiSettings
from worker import messages
from worker.lake import Lake
from worker.window import Window

EVENTS = 100
ROWS_AN_OBJECT = 5
RULES = Rules(max_event_bytes=2**15)
KEY = "bench-key"
SETTLE_SECONDS = 0.01
"""What the outbox still does once a request is answered is counted with that request."""
Path = tuple[Callable[[], object], int]


def all_paths() -> dict[str, Path]:
    """Return each path, and how many events pass through it."""
    logs.configure("bench", "ERROR")
    (post,), (event, *_) = samples.posts(1), samples.events(1)
    lines = samples.lines(samples.user_days(range(EVENTS // ROWS_AN_OBJECT), ROWS_AN_OBJECT))
    body = packing.pack(lines)
    return {
        "api: body of 100 to rows": (lambda: judge(post), EVENTS),
        "api: body of one to rows": (lambda: judge(event), 1),
        "api: rows to a message": (lambda: packing.pack(lines), EVENTS),
        "api: one through the app": (through_app(event), 1),
        "api: 100 through the app": (through_app(post), EVENTS),
        "worker: to new objects": (lambda: work_off(body, MemoryStore()), EVENTS),
        "worker: to existing objects": (existing(body), EVENTS),
    }


def judge(body: bytes) -> intake.Verdicts:
    return intake.judge(parts.split(body, "application/json"), samples.RECEPTION, RULES)


def work_off(body: str, store: MemoryStore) -> None:
    """Decode a message, gather its rows, and merge each group into its object."""
    window = Window(flush_seconds=60, flush_rows=200_000, flush_bytes=2**26)
    window.add(messages.decode(Received("m", "r", body, 1, 0)), 0)
    lake = Lake(store)
    for group in window.take(60):
        lake.merge(group)


def existing(body: str) -> Callable[[], None]:
    """Return work that finds other rows in each object: so it reads, merges and writes."""
    others = samples.lines(samples.user_days(range(EVENTS // ROWS_AN_OBJECT), ROWS_AN_OBJECT, seed=2))
    before = MemoryStore()
    work_off(packing.pack(others), before)
    return lambda: work_off(body, MemoryStore(objects=dict(before.objects)))


def through_app(body: bytes) -> Callable[[], None]:
    """Return work that passes a request through the ASGI application; what SQS's threads do is not in it."""
    loop = asyncio.new_event_loop()
    settings = ApiSettings(
        queue_url="http://bench/queue", write_keys={KEY: "bench"}, api_source_events_per_second=0, api_linger_ms=0
    )
    app = create_app(settings, MemoryQueue(keeps=False))

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            assert message["status"] == 202, message

    async def request() -> None:
        await app(scope(len(body)), receive, send)
        await asyncio.sleep(SETTLE_SECONDS)

    return lambda: loop.run_until_complete(request())


def scope(length: int) -> dict[str, Any]:
    headers = {
        "host": "127.0.0.1:8000",
        "authorization": f"Bearer {KEY}",
        "content-type": "application/json",
        "content-length": str(length),
    }
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/v1/events",
        "raw_path": b"/v1/events",
        "query_string": b"",
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 8000),
        "state": {},
    }
