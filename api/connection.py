"""A connection that reads little at a time, so that a thousand of them take little memory, and writes much at once."""

import asyncio
from typing import Any

READ_BYTES = 40 * 1024
"""How much is taken from a connection in a turn of the event loop: a POST of 100 events. uvloop takes 250 KiB."""
_BUFFER = memoryview(bytearray(READ_BYTES))  # one for all: it is emptied before the event loop fills it again


class GatheringTransport:
    """Writes what came in one turn of the event loop at once; all else is the transport's own.

    uvicorn writes head and body of an answer apart, which would make each a packet.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._gathered: list[bytes] = []

    def write(self, data: bytes) -> None:
        if not self._gathered:
            self._loop.call_soon(self._flush)
        self._gathered.append(data)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        data, self._gathered = b"".join(self._gathered), []
        if data and not self._transport.is_closing():
            self._transport.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class Connection(asyncio.BufferedProtocol):
    """Stands between an event loop and a protocol that takes what it is given."""

    def __init__(self, protocol: asyncio.Protocol, loop: asyncio.AbstractEventLoop) -> None:
        self._protocol = protocol
        self._loop = loop
        self.connection_lost = protocol.connection_lost  # type: ignore[method-assign]
        self.eof_received = protocol.eof_received  # type: ignore[method-assign]
        self.pause_writing = protocol.pause_writing  # type: ignore[method-assign]
        self.resume_writing = protocol.resume_writing  # type: ignore[method-assign]

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._protocol.connection_made(GatheringTransport(transport, self._loop))  # type: ignore[arg-type]  # acts as one

    def get_buffer(self, _size: int) -> memoryview:
        return _BUFFER

    def buffer_updated(self, size: int) -> None:
        self._protocol.data_received(bytes(_BUFFER[:size]))
