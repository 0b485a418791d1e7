"""The routes of Touchlake's own API. Segment's stand in `segment`."""

from collections.abc import Callable
from http import HTTPStatus

import orjson
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from api.head import Head
from api.problems import Problem, not_now
from api.receiver import UNAVAILABLE_RETRY_SECONDS, Receiver
from shared import metrics
from shared.errors import QueueUnavailable
from shared.queue import Queue


class PostEvents:
    """Takes events in any of the four body forms; answers when SQS has every one of them.

    A plain ASGI application, as the routes of `segment` are: Starlette's Request is not needed and costs its share.
    """

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        verdicts = await self._receiver.take(Head(scope), receive)
        answer = {"accepted": len(verdicts.accepted), "rejected": verdicts.rejected}
        if not verdicts.accepted:
            reason, detail = "nothing_accepted", "none of the events was accepted: see 'rejected'"
            if not verdicts.rejected:
                reason, detail = "no_events", "the body holds no event"
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, reason, detail, members=answer)
        response = Response(orjson.dumps(answer), HTTPStatus.ACCEPTED, media_type="application/json")
        await response(scope, receive, send)


class Endpoints:
    """The handlers, with what they share."""

    def __init__(self, receiver: Receiver, queue: Queue, is_draining: Callable[[], bool]) -> None:
        self._receiver = receiver
        self._queue = queue
        self._is_draining = is_draining

    def routes(self) -> list[Route]:
        return [
            Route("/v1/events", PostEvents(self._receiver), methods=["POST"]),
            Route("/healthz", self.get_healthz),
            Route("/readyz", self.get_readyz),
            Route("/metrics", self.get_metrics),
        ]

    async def get_healthz(self, _request: Request) -> Response:
        """Say that the process is up. Never calls AWS: an outage of SQS is no reason to replace every task."""
        return PlainTextResponse("ok\n")

    async def get_readyz(self, _request: Request) -> Response:
        """Say whether events can be taken now."""
        if self._is_draining():
            raise not_now("draining", "this process is stopping", UNAVAILABLE_RETRY_SECONDS)
        try:
            await run_in_threadpool(self._queue.check)
        except QueueUnavailable:
            raise not_now("queue_unavailable", "SQS does not answer", UNAVAILABLE_RETRY_SECONDS) from None
        return PlainTextResponse("ready\n")

    async def get_metrics(self, _request: Request) -> Response:
        return Response(generate_latest(metrics.REGISTRY), media_type=CONTENT_TYPE_LATEST)
