"""uvicorn's HTTP/1.1, with bounds on what comes before a body: its parser has none, and its time-outs begin later."""

import asyncio

import orjson
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 10
MAX_HEAD_BYTES = 32 * 1024
_DETAIL = f"request line and headers are at most {MAX_HEAD_BYTES} bytes"
_PROBLEM = orjson.dumps(
    {"title": "Request Header Fields Too Large", "status": 431, "reason": "head_too_large", "detail": _DETAIL}
)
_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: application/problem+json\r\n"
    b"connection: close\r\ncontent-length: %d\r\n\r\n%b" % (len(_PROBLEM), _PROBLEM)
)


class BoundedProtocol(HttpToolsProtocol):
    """Ends a connection whose head (request line and headers) is too large, or does not arrive in time."""

    _head_since: float | None = None
    _head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._head_since = self.loop.time()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self._head_since is None:
            self._head_since = self.loop.time()

    def on_headers_complete(self) -> None:
        self._head_since, self._head_bytes = None, 0
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._head_since is not None:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
                self.transport.write(_TOO_LARGE)
                self.transport.close()

    def close_if_late(self, now: float) -> None:
        """Close the connection if it owes a head for too long. Called every second or so."""
        if self._head_since is not None and now - self._head_since > HEAD_SECONDS:
            self.transport.close()
