"""The API as a fuzzer meets it: in process, without a client library that would tidy up what is sent."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from typing import Any

import orjson
from starlette.applications import Starlette

from shared import packing, rows
from tests.api.client import Api
from tests.fakes import FakeQueue
from tests.fuzz.inputs import Input

ANSWERED = frozenset({200, 202, 204, 400, 401, 403, 404, 405, 413, 415, 422})


class Broken(AssertionError):
    """An answer that must not be; the message names the input."""


def feed(inputs: Iterable[Input]) -> Counter[int]:
    """Send inputs one after the other; return how often each status was answered. Raises Broken."""
    api = Api(api_source_events_per_second=0)

    async def run() -> Counter[int]:
        app, statuses = api.app(), Counter[int]()
        async with app.router.lifespan_context(app):
            for given in inputs:
                status, body = await _ask(app, given)
                _check(given, status, body, api.queue)
                statuses[status] += 1
        return statuses

    return asyncio.run(run())


async def _ask(app: Starlette, given: Input) -> tuple[int, bytes]:
    parts, sent = list(given.parts), list[dict[str, Any]]()

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": given.method,
        "path": given.path,
        "raw_path": given.path.encode(),
        "query_string": given.query,
        "headers": [(b"host", b"x"), *given.headers],
        "client": ("192.0.2.1", 1),
        "server": ("192.0.2.2", 80),
        "scheme": "http",
    }
    try:
        await app(scope, receive, send)
    except Exception as error:
        raise Broken(f"{given}: {error!r}") from error
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])


def _check(given: Input, status: int, body: bytes, queue: FakeQueue) -> None:
    if status not in ANSWERED:
        raise Broken(f"{given}: answered {status} {body[:500]!r}")
    if status >= 400 and given.method != "HEAD" and orjson.loads(body)["status"] != status:
        raise Broken(f"{given}: a problem that is none, {body[:500]!r}")
    for message in queue.bodies:
        for line in packing.unpack(message):
            rows.parse(line)  # every row that is enqueued is one that a worker reads
    queue.bodies.clear()
    queue.waiting.clear()
