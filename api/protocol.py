"""uvicorn's HTTP/1.1, with bounds on how large a head may be, and on how long a head and a body may take to arrive.

Its parser has no bounds, and its time-outs begin with the first answer.
"""

import asyncio
from http import HTTPStatus
from typing import Any

import orjson
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.connection import Connection

HEAD_SECONDS = 10
MAX_HEAD_BYTES = 32 * 1024


def _answer(status: HTTPStatus, reason: str, detail: str) -> bytes:
    """Return a whole answer, for requests that no route has seen or will see."""
    problem = orjson.dumps({"title": status.phrase, "status": status.value, "reason": reason, "detail": detail})
    head = f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: application/problem+json\r\nconnection: close\r\n"
    return head.encode() + b"content-length: %d\r\n\r\n%b" % (len(problem), problem)


_TOO_LARGE = _answer(
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    "head_too_large",
    f"request line and headers are at most {MAX_HEAD_BYTES} bytes",
)


def connect(*, body_seconds: float, **options: Any) -> Connection:
    """Return what uvicorn is to make of a new connection."""
    protocol = BoundedProtocol(body_seconds=body_seconds, **options)
    return Connection(protocol, protocol.loop)


class BoundedProtocol(HttpToolsProtocol):
    """Ends a connection whose head (request line and headers) is too large, or whose request does not arrive in time.

    The time is looked at every second or so, since a timer a request would cost more than the rest of this.
    """

    _head_since: float | None = None
    _body_since: float | None = None
    _head_bytes = 0

    def __init__(self, *, body_seconds: float, **options: Any) -> None:
        super().__init__(**options)
        self._body_seconds = body_seconds

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._head_since = self.loop.time()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self._head_since is None:
            self._head_since = self.loop.time()

    def on_headers_complete(self) -> None:
        self._body_since = self._head_since
        self._head_since, self._head_bytes = None, 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._body_since = None
        super().on_message_complete()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._body_since is not None and self.cycle.body and not self.cycle.response_complete:
            self.flow.pause_reading()  # until the application asks for more
        if self._head_since is not None:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
                self.transport.write(_TOO_LARGE)
                self.transport.close()

    def close_if_late(self, now: float) -> None:
        """Close the connection if it owes a head or a body for too long; say so if it was not answered yet."""
        if self._head_since is not None and now - self._head_since > HEAD_SECONDS:
            self.transport.close()
        if self._body_since is not None and now - self._body_since > self._body_seconds:
            if not self.cycle.response_started:
                detail = f"the body was not here within {self._body_seconds:g} seconds"
                self.transport.write(_answer(HTTPStatus.REQUEST_TIMEOUT, "too_slow", detail))
            self.transport.close()
