"""The Starlette application."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.endpoints import Endpoints
from api.outbox import Outbox
from api.problems import Problem, answer_crash, answer_http_exception, answer_problem
from shared import metrics
from shared.queue import Queue
from shared.settings import ApiSettings


def create_app(settings: ApiSettings, queue: Queue, is_draining: Callable[[], bool] = lambda: False) -> Starlette:
    """Wire the routes to a queue. The outbox lives as long as the application and is emptied when that ends."""
    outbox = Outbox(
        queue,
        linger_seconds=settings.api_linger_ms / 1000,
        senders=settings.api_senders,
        max_bytes=settings.api_outbox_bytes,
        send_seconds=settings.api_send_seconds,
    )

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        await outbox.close()

    return Starlette(
        routes=Endpoints(settings, queue, outbox, is_draining).routes(),
        middleware=[Middleware(Measured)],
        exception_handlers={Problem: answer_problem, HTTPException: answer_http_exception, Exception: answer_crash},
        lifespan=lifespan,
    )


class Measured:
    """Counts requests and their time, by the route's own path, so that a client's typing makes no new series."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        began = time.perf_counter()
        status = 500

        async def note_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            return await self._app(scope, receive, note_status)
        finally:
            route = scope["route"].path if "route" in scope else "none"
            metrics.REQUESTS.labels(route, status).inc()
            metrics.REQUEST_SECONDS.observe(time.perf_counter() - began)
