"""The routes of Touchlake's own API. Segment's stand in `segment`."""

from collections.abc import Callable
from http import HTTPStatus

import orjson
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from api.problems import Problem, not_now
from api.receiver import UNAVAILABLE_RETRY_SECONDS, Receiver
from shared import metrics
from shared.errors import QueueUnavailable
from shared.queue import Queue


class Endpoints:
    """The handlers, with what they share."""

    def __init__(self, receiver: Receiver, queue: Queue, is_draining: Callable[[], bool]) -> None:
        self._receiver = receiver
        self._queue = queue
        self._is_draining = is_draining

    def routes(self) -> list[Route]:
        return [
            Route("/v1/events", self.post_events, methods=["POST"]),
            Route("/healthz", self.get_healthz),
            Route("/readyz", self.get_readyz),
            Route("/metrics", self.get_metrics),
        ]

    async def post_events(self, request: Request) -> Response:
        """Take events in any of the four body forms; answer when SQS has every one of them."""
        verdicts = await self._receiver.take(request)
        answer = {"accepted": len(verdicts.accepted), "rejected": verdicts.rejected}
        if verdicts.accepted:
            return Response(orjson.dumps(answer), HTTPStatus.ACCEPTED, media_type="application/json")
        reason, detail = "nothing_accepted", "none of the events was accepted: see 'rejected'"
        if not verdicts.rejected:
            reason, detail = "no_events", "the body holds no event"
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, reason, detail, members=answer)

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
