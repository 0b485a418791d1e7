"""The routes of Touchlake's own API. Segment's stand in `segment`."""

import re
from collections.abc import Callable
from http import HTTPStatus

import orjson
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from api import auth, body, intake
from api.auth import KeyRing
from api.body import Body
from api.intake import Verdicts
from api.outbox import Outbox, OutboxFull
from api.problems import Problem, not_now
from shared import events, metrics, timestamps
from shared.errors import QueueUnavailable, Refused
from shared.events import Reception
from shared.queue import Queue
from shared.settings import ApiSettings

_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,120}")
FULL_RETRY_SECONDS = 1
UNAVAILABLE_RETRY_SECONDS = 5


class Endpoints:
    """The handlers, with what they share."""

    def __init__(self, settings: ApiSettings, queue: Queue, outbox: Outbox, is_draining: Callable[[], bool]) -> None:
        self._settings = settings
        self._queue = queue
        self._outbox = outbox
        self._is_draining = is_draining
        self._keys = KeyRing(settings.write_keys, required=settings.auth == "on")

    def routes(self) -> list[Route]:
        return [
            Route("/v1/events", self.post_events, methods=["POST"]),
            Route("/healthz", self.get_healthz),
            Route("/readyz", self.get_readyz),
            Route("/metrics", self.get_metrics),
        ]

    async def post_events(self, request: Request) -> Response:
        """Take events in any of the four body forms; answer when SQS has every one of them."""
        verdicts = await self._take(request)
        answer = {"accepted": len(verdicts.accepted), "rejected": verdicts.rejected}
        if verdicts.accepted:
            return Response(orjson.dumps(answer), HTTPStatus.ACCEPTED, media_type="application/json")
        reason, detail = "nothing_accepted", "none of the events was accepted: see 'rejected'"
        if not verdicts.rejected:
            reason, detail = "no_events", "the body holds no event"
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, reason, detail, members=answer)

    async def _take(self, request: Request) -> Verdicts:
        header_key = auth.header_key(request.headers)
        if header_key is not None:
            self._keys.source(header_key)  # an unknown key is refused before its body is read
        idempotency_key = _idempotency_key(request)
        kind = body.media_type(request)
        data = await body.read(request, self._settings.api_max_body_bytes)
        try:
            content = body.split(data, kind)
        except Refused as refusal:
            raise await self._refuse(data, refusal, header_key) from None
        return await self._accept(content, header_key, idempotency_key)

    async def _accept(self, content: Body, header_key: str | None, idempotency_key: str | None) -> Verdicts:
        limit = self._settings.api_max_events
        if len(content.parts) > limit:
            detail = f"{len(content.parts)} events: a request holds at most {limit}"
            raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_many_events", detail)
        source = self._keys.source(header_key, content.write_key())
        verdicts = intake.judge(
            content,
            Reception(timestamps.now(), source),
            max_event_bytes=self._settings.api_max_event_bytes,
            idempotency_key=idempotency_key,
        )
        await self._enqueue(verdicts.accepted + verdicts.kept)
        metrics.EVENTS_ACCEPTED.labels(source).inc(len(verdicts.accepted))
        for rejected in verdicts.rejected:
            metrics.EVENTS_REJECTED.labels(source, rejected["reason"]).inc()
        return verdicts

    async def _refuse(self, data: bytes, refusal: Refused, header_key: str | None) -> Problem:
        """Keep a body that could not be read as a whole, and return the problem to answer with."""
        source = self._keys.source(header_key)
        await self._enqueue([events.reject(data, Reception(timestamps.now(), source), refusal)])
        metrics.EVENTS_REJECTED.labels(source, refusal.reason).inc()
        malformed = refusal.reason == "malformed_json"
        status = HTTPStatus.BAD_REQUEST if malformed else HTTPStatus.UNPROCESSABLE_ENTITY
        return Problem(status, refusal.reason, refusal.detail)

    async def _enqueue(self, lines: list[bytes]) -> None:
        if not lines:
            return
        try:
            await self._outbox.put(lines)
        except OutboxFull:
            raise not_now("outbox_full", "too much is waiting for the queue", FULL_RETRY_SECONDS) from None
        except QueueUnavailable:
            detail = "the queue did not confirm: send the same events again, with the same ids"
            raise not_now("queue_unavailable", detail, UNAVAILABLE_RETRY_SECONDS) from None

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


def _idempotency_key(request: Request) -> str | None:
    key = request.headers.get("idempotency-key")
    if key is not None and not _IDEMPOTENCY_KEY.fullmatch(key):
        detail = "Idempotency-Key is 1 to 120 visible ASCII characters"
        raise Problem(HTTPStatus.BAD_REQUEST, "invalid_idempotency_key", detail)
    return key
