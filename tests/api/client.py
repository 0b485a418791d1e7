"""The application in process, over a fake queue."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx
import orjson
from pydantic import SecretStr
from starlette.applications import Starlette

from api.app import create_app
from shared import packing
from shared.settings import ApiSettings
from tests.fakes import FakeQueue, FakeStore

KEYS = {SecretStr("web-key"): "web", SecretStr("ios-key"): "ios", SecretStr("old-ios-key"): "ios"}
Call = tuple[str, str, bytes | None, Mapping[str, str] | None]
URL = "http://sqs.test/1/q"


class Api:
    """POSTs to an application and tells what was enqueued."""

    def __init__(self, **settings: Any) -> None:
        self.queue = FakeQueue()
        self.store = FakeStore()
        self.is_draining = False
        values: dict[str, Any] = {
            "queue_url": URL,
            "write_keys": KEYS,
            "api_linger_ms": 0,
            "api_send_seconds": 0.5,
        } | settings
        self.settings = ApiSettings(**values)

    def app(self) -> Starlette:
        return create_app(self.settings, self.queue, self.store, lambda: self.is_draining)

    def request(
        self, method: str, path: str, content: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        return self.requests([(method, path, content, headers)])[0]

    def requests(self, calls: list[Call]) -> list[httpx.Response]:
        """Send requests at the same time."""
        return self._run(lambda send: asyncio.gather(*map(send, calls)))

    def requests_in_turn(self, calls: list[Call]) -> list[httpx.Response]:
        """Send requests one after the other, to one process."""

        async def in_turn(send: Callable[[Call], Awaitable[httpx.Response]]) -> list[httpx.Response]:
            return [await send(call) for call in calls]

        return self._run(in_turn)

    def _run(self, work: Callable[[Callable[[Call], Awaitable[httpx.Response]]], Any]) -> list[httpx.Response]:
        async def run() -> list[httpx.Response]:
            app = self.app()
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            async with (
                app.router.lifespan_context(app),
                httpx.AsyncClient(transport=transport, base_url="http://api.test") as client,
            ):

                def send(call: Call) -> Awaitable[httpx.Response]:
                    method, path, content, headers = call
                    return client.request(method, path, content=content, headers=headers)

                answers: list[httpx.Response] = await asyncio.wait_for(work(send), 20)
                return answers

        return asyncio.run(run())

    def post(self, body: Any, key: str | None = "web-key", **headers: str) -> httpx.Response:
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        return self.request("POST", "/v1/events", content, self.headers(key) | named(headers))

    @staticmethod
    def headers(key: str | None = "web-key") -> dict[str, str]:
        authorization = {"Authorization": f"Bearer {key}"} if key else {}
        return {"Content-Type": "application/json", **authorization}

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The enqueued rows of accepted events."""
        return [row for row in self._enqueued() if "rejected_id" not in row]

    @property
    def kept(self) -> list[dict[str, Any]]:
        """The enqueued rows of refused events."""
        return [row for row in self._enqueued() if "rejected_id" in row]

    def _enqueued(self) -> list[dict[str, Any]]:
        return [orjson.loads(line) for body in self.queue.bodies for line in packing.unpack(body)]


def named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
