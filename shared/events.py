"""The event model, in the vocabulary of the Segment spec, and its normalisation into a row."""

import base64
import hashlib
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec
import uuid_utils
from msgspec import Meta, Raw

from shared import keys, rows, strict_json, timestamps
from shared.errors import Refused, Suppressed
from shared.rows import EventColumns, RejectedColumns, Row
from shared.strict_json import Sound

MAX_ID_BYTES = 256
MAX_AHEAD = timedelta(hours=24)
"""A timestamp further ahead of the server than this is a wrong clock: `received_at` takes its place."""
MAX_RAW_BYTES = 128 * 1024
"""How much of a refused body is kept: a queue message holds 1 MiB."""
_WRITE_KEY = re.compile(rb'"writeKey"\s*:\s*"[^"]*"')
_WRONG_MEMBER = re.compile(r"\$\.(\w+)")

Text = str | int | float
Id = Annotated[Text | None, Meta(description=f"text of 1 to {MAX_ID_BYTES} bytes of UTF-8, or a number")]
Name = Annotated[str, Meta(min_length=1, max_length=256)]
Document = Annotated[Raw, Meta(description="a JSON object", extra_json_schema={"type": ["object", "null"]})]
Time = Annotated[str | None, Meta(description="text: RFC 3339 with a time zone, such as 2026-11-22T10:11:12.345Z")]
Type = Literal["track", "identify", "page", "screen", "group", "alias"]


class Event(msgspec.Struct, rename="camel", frozen=True, gc=False):
    """What a client sends. A member that is null counts as absent; members not named here are kept in `extra`.

    Mobile SDKs send an empty string for an id that they don't have, so that counts as absent too. A member's
    description is what its refusal says.
    """

    message_id: Annotated[
        Annotated[str, Meta(min_length=1, max_length=128)] | None, Meta(description="text of 1 to 128 characters")
    ] = None
    type: Annotated[Type | None, Meta(description="one of track, identify, page, screen, group, alias")] = None
    event: Annotated[Name | None, Meta(description="text of 1 to 256 characters")] = None
    name: Annotated[Annotated[str, Meta(max_length=256)] | None, Meta(description="text of at most 256 characters")] = (
        None
    )
    user_id: Id = None
    anonymous_id: Id = None
    timestamp: Time = None
    original_timestamp: Time = None
    sent_at: Annotated[Text | None, Meta(description="text or a number")] = None
    properties: Document = msgspec.field(default_factory=Raw)
    traits: Document = msgspec.field(default_factory=Raw)
    context: Document = msgspec.field(default_factory=Raw)
    group_id: Id = None
    previous_id: Id = None


_EVENT = msgspec.json.Decoder(Event)
SCHEMA: dict[str, Any] = msgspec.json.schema(Event)["$defs"]["Event"]
_FIELDS = {field.encode_name: field for field in msgspec.structs.fields(Event)}
_RULES = {name: schema["description"] for name, schema in SCHEMA["properties"].items()}
_NOT_EXTRA = frozenset({*_FIELDS, "writeKey"})  # a write key is never stored


class Reception:
    """Where and when a body arrived.

    `received_at` is the server's time, `source` the name of the write key, `client_address` what of it is to be kept.
    """

    def __init__(self, received_at: datetime, source: str, client_address: str | None = None) -> None:
        self.source = source
        self.client_address = client_address
        self.received_at = timestamps.to_text(received_at)
        self._moment = received_at

    def is_too_far_ahead(self, timestamp: str) -> bool:
        """Tell whether a canonical timestamp is more than 24 h ahead of the server."""
        if timestamp <= self.received_at:
            return False
        return timestamp > timestamps.to_text(min(self._moment, timestamps.LATEST - MAX_AHEAD) + MAX_AHEAD)


def new_id() -> str:
    """Return a UUIDv7: unique, and near its neighbours in time (RFC 9562)."""
    return str(uuid_utils.uuid7())


def normalise(
    sent: Sound,
    reception: Reception,
    fallback_id: str | None = None,
    is_suppressed: Callable[[str | None], bool] = lambda _user_id: False,
) -> Row:
    """Turn one event as sent into its row.

    `fallback_id` is the event_id of an event that brings none; without it a new one is made. Raises Refused, and
    Suppressed for an event of an erased user.
    """
    document = sent.value
    if not isinstance(document, dict):
        raise Refused("not_an_object", "an event is a JSON object")
    for value in (document.get("userId"), document.get("anonymousId")):
        if value is not None and is_suppressed(str(value)):
            raise Suppressed  # before anything else: what is invalid of an erased user is not kept either
    event = _validate(sent)
    user_id, anonymous_id = _id("userId", event.user_id), _id("anonymousId", event.anonymous_id)
    if user_id is None and anonymous_id is None:
        raise Refused("missing_user", "give userId or anonymousId")
    event_type = event.type or "track"
    if event_type == "track" and event.event is None:
        raise Refused("missing_event", "a track event needs its name in 'event'")
    event_id = event.message_id or fallback_id or new_id()
    timestamp, original_timestamp = _times(event, reception)
    columns = EventColumns(
        event_id=event_id,
        type=event_type,
        event=event.event,
        name=event.name or None,
        user_id=user_id,
        anonymous_id=anonymous_id,
        timestamp=timestamp,
        original_timestamp=original_timestamp,
        sent_at=None if event.sent_at is None else str(event.sent_at),
        properties=event.properties if _has_object(document, "properties") else None,
        traits=event.traits if _has_object(document, "traits") else None,
        context=event.context if _has_object(document, "context") else None,
        extra=_extra(document, event),
        received_at=reception.received_at,
        source=reception.source,
    )
    columns.group_id = _id("groupId", event.group_id)  # apart: of more than 15 keywords CPython makes a dict first
    columns.previous_id = _id("previousId", event.previous_id)
    columns.client_address = reception.client_address
    key = keys.events(user_id, anonymous_id, timestamp[:10])
    return Row(key, event_id, timestamp, reception.source, rows.to_line(columns))


def reject(raw: bytes, reception: Reception, refusal: Refused, event_id: str | None = None) -> Row:
    """Turn what was refused into the row that is kept under rejected/.

    Its id is a digest of source, reason and body, so the same body refused again the same day is one row. A body of
    more than 128 KiB is cut; `raw_bytes` then tells its length. One that isn't UTF-8, or holds NUL, is kept in base64.
    A write key in it is not kept.
    """
    raw = _WRITE_KEY.sub(b'"writeKey":null', raw)
    kept = raw[:MAX_RAW_BYTES]
    if len(raw) > MAX_RAW_BYTES:
        kept = kept.decode(errors="ignore").encode() or kept
    try:
        text: str | None = kept.decode()
    except UnicodeDecodeError:
        text = None
    is_text = text is not None and "\0" not in text
    seen = b"\0".join((reception.source.encode(), refusal.reason.encode(), raw))
    rejected_id = hashlib.sha256(seen).hexdigest()[:32]
    line = rows.to_line(
        RejectedColumns(
            rejected_id=rejected_id,
            event_id=event_id,
            reason=refusal.reason,
            detail=refusal.detail,
            raw=text if is_text else None,
            raw_base64=None if is_text else base64.b64encode(kept).decode(),
            raw_bytes=len(raw) if len(raw) > MAX_RAW_BYTES else None,
            received_at=reception.received_at,
            source=reception.source,
        )
    )
    return rows.of_rejected(rejected_id, reception.received_at, reception.source, line)


def _validate(sent: Sound) -> Event:
    try:
        return _EVENT.decode(sent.text)
    except msgspec.ValidationError as error:
        found = _WRONG_MEMBER.search(str(error))
        raise _invalid(found[1] if found else "") from None


def _invalid(wire_name: str) -> Refused:
    return Refused(f"invalid_{_FIELDS[wire_name].name}", f"{wire_name} must be {_RULES[wire_name]}")


def _id(wire_name: str, value: Text | None) -> str | None:
    """Return an id as text; an empty one counts as absent. Raises Refused for one that is too long."""
    if value is None or value == "":
        return None  # 0 is an id
    text = str(value)
    if len(text) > MAX_ID_BYTES or (not text.isascii() and len(text.encode(errors="replace")) > MAX_ID_BYTES):
        raise _invalid(wire_name)
    return text


def _has_object(document: dict[str, Any], wire_name: str) -> bool:
    """Tell whether a member is there. Raises Refused when it is something else than an object."""
    value = document.get(wire_name)
    if value is not None and not isinstance(value, dict):
        raise _invalid(wire_name)
    return value is not None


def _extra(document: dict[str, Any], event: Event) -> Raw | None:
    """Return what no column is for. Raises Refused when it is nested too deep for a row."""
    if _NOT_EXTRA.issuperset(document) and (event.timestamp is None or event.original_timestamp is None):
        return None
    extra = {name: value for name, value in document.items() if name not in _NOT_EXTRA and value is not None}
    if event.timestamp is not None and event.original_timestamp is not None:
        extra["originalTimestamp"] = event.original_timestamp
    return Raw(strict_json.dumps([extra])[1:-1]) if extra else None  # as deep as it stands in the row


def _times(event: Event, reception: Reception) -> tuple[str, str | None]:
    """Return `timestamp`, and the client's own value where that had to change."""
    sent = event.original_timestamp if event.timestamp is None else event.timestamp
    if sent is None:
        return reception.received_at, None
    timestamp = timestamps.canonical(sent)
    if reception.is_too_far_ahead(timestamp):
        return reception.received_at, sent
    return timestamp, sent if timestamps.is_leap_second(sent) else None


def claimed_id(document: Any) -> str | None:
    """Return the id that a refused event brought, where it is one that a verdict can name."""
    claimed = document.get("messageId") if isinstance(document, dict) else None
    return claimed if isinstance(claimed, str) and 1 <= len(claimed) <= 128 else None  # noqa: PLR2004
