"""The one way of events through the API: authenticate, read, judge, enqueue. Every route that takes events uses it."""

import re
from functools import cache
from http import HTTPStatus

from starlette.types import Receive

from api import auth, body
from api.auth import KeyRing
from api.client import ClientAddress
from api.head import Head
from api.limits import Limits
from api.outbox import Outbox
from api.problems import Problem, not_now
from api.room import Room, RoomTaken
from shared import events, intake, metrics, parts, timestamps
from shared.errors import QueueUnavailable, Refused
from shared.events import Reception
from shared.intake import Rules, Verdicts
from shared.parts import Body
from shared.settings import ApiSettings
from shared.suppression import Suppression

_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,120}")
MOST_ADDED = 8
"""How many times the size of a request its batch's context may add, once it is written into each event."""
FULL_RETRY_SECONDS = 1
UNAVAILABLE_RETRY_SECONDS = 5
BODIES_SHARE = 0.15
"""Of the room, for bodies on their way in: what they leave behind is not given back to the system as it was taken."""
_accepted = cache(metrics.EVENTS_ACCEPTED.labels)  # `labels` looks a label up under a lock


class Receiver:
    """Takes the events of a request; returns when SQS has every one of them, refused ones too."""

    def __init__(self, settings: ApiSettings, room: Room, outbox: Outbox, suppression: Suppression) -> None:
        self._settings = settings
        self._room = room.part(max(int(settings.api_outbox_bytes * BODIES_SHARE), settings.api_max_body_bytes))
        self._outbox = outbox
        self._suppression = suppression
        self._keys = KeyRing(settings.write_keys, required=settings.auth == "on")
        self._limits = Limits(
            per_source=settings.api_source_events_per_second, per_address=settings.api_address_events_per_second
        )
        self._address = ClientAddress(settings.api_trusted_proxies, settings.client_address)

    async def take(
        self, head: Head, receive: Receive, event_type: str | None = None, media_type: str | None = None
    ) -> Verdicts:
        """Return the verdict on each event. Raises Problem.

        `event_type` and `media_type` are what a route says that its events and its body are, whatever a client says.
        """
        try:
            source, verdicts = await self._judge(head, receive, event_type, media_type)
            await self._outbox.put([*verdicts.accepted, *verdicts.kept])
        except RoomTaken:
            raise not_now("outbox_full", "too much is waiting for the queue", FULL_RETRY_SECONDS) from None
        except QueueUnavailable:
            detail = "the queue did not confirm: send the same events again, with the same ids"
            raise not_now("queue_unavailable", detail, UNAVAILABLE_RETRY_SECONDS) from None
        _accepted(source).inc(len(verdicts.accepted))
        for reason in verdicts.reasons:
            metrics.EVENTS_REJECTED.labels(source, reason).inc()
        if verdicts.refusal:
            raise _problem(verdicts.refusal)
        return verdicts

    async def _judge(
        self, head: Head, receive: Receive, event_type: str | None, media_type: str | None
    ) -> tuple[str, Verdicts]:
        """Return the source and the verdicts; nothing else of the body stays in memory while its rows wait for SQS."""
        named = self._keys.named(auth.header_key(head))  # an unknown key is refused before its body is read
        rules = Rules(
            max_event_bytes=self._settings.api_max_event_bytes,
            event_type=event_type,
            idempotency_key=_idempotency_key(head),
            is_suppressed=self._suppression.covers,
        )
        kind = media_type or body.media_type(head.get(b"content-type"))
        data = await body.read(head, receive, self._settings.api_max_body_bytes, self._room)
        try:
            content = parts.split(data, kind)
        except Refused as refusal:
            source = self._admit(head, self._keys.source(named, None), 1)
            kept = events.reject(data, self._reception(head, source), refusal)
            return source, Verdicts(kept=[kept], refusal=refusal)
        self._check_count(content)
        source = self._admit(head, self._keys.source(named, content.write_key()), max(1, len(content.parts)))
        return source, intake.judge(content, self._reception(head, source), rules)

    def _check_count(self, content: Body) -> None:
        most = self._settings.api_max_events
        if len(content.parts) > most:
            detail = f"{len(content.parts)} events: a request holds at most {most}"
            raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_many_events", detail)
        if content.added_bytes * len(content.parts) > MOST_ADDED * self._settings.api_max_body_bytes:
            detail = "the batch's context is too large for so many events: send it in parts, or with less context"
            raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", detail)

    def _admit(self, head: Head, source: str, count: int) -> str:
        """Return the source of a request, if it may send so many events now."""
        self._limits.charge(source, self._address.of(head), count)
        return source

    def _reception(self, head: Head, source: str) -> Reception:
        return Reception(timestamps.now(), source, self._address.kept(head))


def _problem(refusal: Refused) -> Problem:
    malformed = refusal.reason == "malformed_json"
    status = HTTPStatus.BAD_REQUEST if malformed else HTTPStatus.UNPROCESSABLE_ENTITY
    return Problem(status, refusal.reason, refusal.detail)


def _idempotency_key(head: Head) -> str | None:
    if b"idempotency-key" not in head:
        return None
    key = head.get(b"idempotency-key")
    if not _IDEMPOTENCY_KEY.fullmatch(key):
        detail = "Idempotency-Key is 1 to 120 visible ASCII characters"
        raise Problem(HTTPStatus.BAD_REQUEST, "invalid_idempotency_key", detail)
    return key
