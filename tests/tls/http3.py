"""One request over HTTP/3, which httpx does not speak."""

import asyncio
from typing import Any

from aioquic.asyncio.client import connect
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import DataReceived, HeadersReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import QuicEvent

from tests.tls.caddy import HOST, Site


class _Exchange(QuicConnectionProtocol):
    """Sends a request and gathers its answer."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._http = H3Connection(self._quic)
        self._status = 0
        self._body = b""
        self._done = asyncio.Event()

    async def post(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        stream = self._quic.get_next_available_stream_id()
        pseudo = {":method": "POST", ":scheme": "https", ":authority": HOST, ":path": path}
        lines = [(name.encode(), value.encode()) for name, value in (pseudo | headers).items()]
        self._http.send_headers(stream, lines)
        self._http.send_data(stream, body, end_stream=True)
        self.transmit()
        await self._done.wait()
        return self._status, self._body

    def quic_event_received(self, event: QuicEvent) -> None:
        for happened in self._http.handle_event(event):
            if isinstance(happened, HeadersReceived):
                self._status = int(dict(happened.headers)[b":status"])
            if isinstance(happened, DataReceived):
                self._body += happened.data
            if isinstance(happened, HeadersReceived | DataReceived) and happened.stream_ended:
                self._done.set()


def post(site: Site, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
    """POST to the site; return status and body. Header names in lower case, as HTTP/3 has them."""

    async def exchange() -> tuple[int, bytes]:
        configuration = QuicConfiguration(alpn_protocols=H3_ALPN, server_name=HOST)
        configuration.load_verify_locations(str(site.root))
        async with connect(
            "127.0.0.1", site.https_port, configuration=configuration, create_protocol=_Exchange
        ) as connection:
            assert isinstance(connection, _Exchange)
            return await connection.post(path, headers, body)

    return asyncio.run(asyncio.wait_for(exchange(), 20))
