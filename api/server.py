"""uvicorn, with a stop that deregisters first: not ready at once, then no new connections, then an empty outbox."""

import asyncio
import signal
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager

import uvicorn

from api.protocol import BoundedProtocol
from shared import logs

TICKS_A_SECOND = 10  # of uvicorn
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Server(uvicorn.Server):
    """Serves until a signal; exits with 0 then, where uvicorn would raise the signal again. A second one kills.

    `draining` is set at the signal, `drain_seconds` before the last connection is taken.
    """

    def __init__(self, config: uvicorn.Config, draining: threading.Event, drain_seconds: float) -> None:
        super().__init__(config)
        self._draining = draining
        self._drain_seconds = drain_seconds

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for server in self.servers:
            for listener in server.sockets:
                host, port = listener.getsockname()[:2]
                logs.get().info("listening", url=f"http://{host}:{port}")

    async def on_tick(self, counter: int) -> bool:
        if counter % TICKS_A_SECOND == 0:
            now = asyncio.get_running_loop().time()
            for connection in list(self.server_state.connections):
                if isinstance(connection, BoundedProtocol):
                    connection.close_if_late(now)
        return await super().on_tick(counter)

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Take the first signal as the wish to stop, and leave the second to its default."""
        loop = asyncio.get_running_loop()
        for number in STOP_SIGNALS:
            loop.add_signal_handler(number, self._begin_drain, loop)
        yield

    def _begin_drain(self, loop: asyncio.AbstractEventLoop) -> None:
        for number in STOP_SIGNALS:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)
        self._draining.set()
        logs.get().info("draining", seconds=self._drain_seconds)
        loop.call_later(self._drain_seconds, self._stop)

    def _stop(self) -> None:
        self.should_exit = True
