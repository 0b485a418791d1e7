"""The Starlette application."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import docs, openapi, segment
from api.endpoints import Endpoints
from api.origins import Origins
from api.outbox import Outbox
from api.problems import Problem, answer_crash, answer_http_exception, answer_problem
from api.receiver import Receiver
from api.room import Room
from api.tally import Tally
from shared import metrics
from shared.journal import Journal
from shared.objectstore import ObjectStore
from shared.queue import Queue
from shared.settings import ApiSettings
from shared.suppression import Suppression


def create_app(
    settings: ApiSettings,
    queue: Queue,
    lake: ObjectStore | None = None,
    is_draining: Callable[[], bool] = lambda: False,
) -> Starlette:
    """Wire the routes to a queue. The outbox lives as long as the application and is emptied when that ends.

    `lake` is where the ledger is kept, and where the suppression list is read from, if there is one.
    """
    room = Room(settings.api_outbox_bytes)
    journal = Journal(lake, every_seconds=settings.ledger_seconds)
    outbox = Outbox(
        queue,
        room,
        journal,
        linger_seconds=settings.api_linger_ms / 1000,
        senders=settings.api_senders,
        send_seconds=settings.api_send_seconds,
    )
    suppression = Suppression(lake, settings.suppress_users_s3_key)
    receiver = Receiver(settings, room, outbox, suppression)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        await run_in_threadpool(suppression.load)  # who can't know whom to refuse must not take events
        with suppression.kept_fresh(), journal.kept_written(), Tally().kept_logged():
            yield
            await outbox.close()

    return Starlette(
        routes=[
            *Endpoints(receiver, queue, is_draining).routes(),
            *segment.routes(receiver),
            *openapi.routes(),
            *docs.routes(),
        ],
        middleware=[Middleware(Measured), Middleware(Origins, allowed=settings.api_origins)],
        exception_handlers={Problem: answer_problem, HTTPException: answer_http_exception, Exception: answer_crash},
        lifespan=lifespan,
    )


_answered = cache(metrics.REQUESTS.labels)  # both labels have few values; `labels` looks them up under a lock


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
            _answered(route, status).inc()
            metrics.REQUEST_SECONDS.observe(time.perf_counter() - began)
