"""The event model, in the vocabulary of the Segment spec, and its normalisation into a row."""

import base64
import hashlib
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

import uuid_utils
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from shared import rows, timestamps
from shared.errors import Refused, Suppressed

MAX_ID_BYTES = 256
MAX_AHEAD = timedelta(hours=24)
"""A timestamp further ahead of the server than this is a wrong clock: `received_at` takes its place."""
MAX_RAW_BYTES = 128 * 1024
"""How much of a refused body is kept: a queue message holds 1 MiB."""
_WRITE_KEY = re.compile(rb'"writeKey"\s*:\s*"[^"]*"')


def _at_most_256_bytes(value: str) -> str:
    if len(value.encode(errors="replace")) > MAX_ID_BYTES:
        raise ValueError(f"must be at most {MAX_ID_BYTES} bytes of UTF-8")
    return value


def _none_if_empty(value: Any) -> Any:
    return None if value == "" else value  # 0 is an id


Id = Annotated[str, Field(min_length=1, coerce_numbers_to_str=True), AfterValidator(_at_most_256_bytes)]
OptionalId = Annotated[Id | None, BeforeValidator(_none_if_empty)]
Name = Annotated[str, Field(min_length=1, max_length=256)]
OptionalName = Annotated[Name | None, BeforeValidator(_none_if_empty)]
Document = dict[str, Any]


class Event(BaseModel):
    """What a client sends. A member that is null counts as absent; members not named here are kept in `extra`.

    Mobile SDKs send an empty string for an id that they don't have, so that counts as absent too.
    """

    model_config = ConfigDict(extra="allow", alias_generator=to_camel, frozen=True)

    message_id: Annotated[str, Field(min_length=1, max_length=128)] | None = None
    type: Literal["track", "identify", "page", "screen", "group", "alias"] | None = None
    event: Name | None = None
    name: OptionalName = None
    user_id: OptionalId = None
    anonymous_id: OptionalId = None
    timestamp: str | None = None
    original_timestamp: str | None = None
    sent_at: Annotated[str, Field(coerce_numbers_to_str=True)] | None = None
    properties: Document | None = None
    traits: Document | None = None
    context: Document | None = None
    group_id: OptionalId = None
    previous_id: OptionalId = None


_WIRE_NAMES = {to_camel(name): name for name in Event.model_fields}


class Reception:
    """Where and when a body arrived.

    `received_at` is the server's time, `source` the name of the write key, `client_address` what of it is to be kept.
    """

    def __init__(self, received_at: datetime, source: str, client_address: str | None = None) -> None:
        self.source = source
        self.client_address = client_address
        self.received_at = timestamps.to_text(received_at)
        self.latest = min(received_at, timestamps.LATEST - MAX_AHEAD) + MAX_AHEAD


def new_id() -> str:
    """Return a UUIDv7: unique, and near its neighbours in time (RFC 9562)."""
    return str(uuid_utils.uuid7())


def normalise(
    document: Any,
    reception: Reception,
    fallback_id: str | None = None,
    is_suppressed: Callable[[str | None], bool] = lambda _user_id: False,
) -> bytes:
    """Turn one event as sent into its canonical line.

    `fallback_id` is the event_id of an event that brings none; without it a new one is made. Raises Refused, and
    Suppressed for an event of an erased user.
    """
    ids = [document.get(name) for name in ("userId", "anonymousId")] if isinstance(document, dict) else []
    if any(is_suppressed(str(value)) for value in ids if value is not None):
        raise Suppressed  # before anything else: what is invalid of an erased user is not kept either
    event = _validate(document)
    if event.user_id is None and event.anonymous_id is None:
        raise Refused("missing_user", "give userId or anonymousId")
    event_type = event.type or "track"
    if event_type == "track" and event.event is None:
        raise Refused("missing_event", "a track event needs its name in 'event'")
    columns = {
        **event.__dict__,
        "event_id": event.message_id or fallback_id or new_id(),
        "type": event_type,
        "extra": {name: value for name, value in (event.model_extra or {}).items() if value is not None} or None,
        "received_at": reception.received_at,
        "source": reception.source,
        "client_address": reception.client_address,
    }
    columns.update(_times(event, reception, columns))
    return rows.to_line(columns)


def reject(raw: bytes, reception: Reception, refusal: Refused, event_id: str | None = None) -> bytes:
    """Turn what was refused into the canonical line that is kept under rejected/.

    Its id is a digest of source, reason and body, so the same body refused again the same day is one row. A body of
    more than 128 KiB is cut; `raw_bytes` then tells its length. One that isn't UTF-8, or holds NUL, is kept in base64.
    A write key in it is not kept.
    """
    raw = _WRITE_KEY.sub(b'"writeKey":null', raw)
    kept = raw[:MAX_RAW_BYTES]
    if len(raw) > MAX_RAW_BYTES:
        kept = kept.decode(errors="ignore").encode() or kept
    columns = {
        "rejected_id": hashlib.sha256(
            b"\0".join((reception.source.encode(), refusal.reason.encode(), raw))
        ).hexdigest()[:32],
        "event_id": event_id,
        "reason": refusal.reason,
        "detail": refusal.detail,
        "raw_bytes": len(raw) if len(raw) > MAX_RAW_BYTES else None,
        "received_at": reception.received_at,
        "source": reception.source,
    }
    try:
        text = kept.decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        columns["raw_base64"] = base64.b64encode(kept).decode()
    else:
        columns["raw"] = text
    return rows.to_line(columns, rows.REJECTED_COLUMNS)


def _validate(document: Any) -> Event:
    if not isinstance(document, dict):
        raise Refused("not_an_object", "an event is a JSON object")
    try:
        return Event.model_validate(document)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_context=False, include_input=False)[0]
        wire_name = str(problem["loc"][0])
        raise Refused(f"invalid_{_WIRE_NAMES[wire_name]}", f"{wire_name}: {problem['msg']}") from None


def _times(event: Event, reception: Reception, columns: dict[str, Any]) -> dict[str, Any]:
    """Return `timestamp`, the client's own value where that had to change, and what of the two fields is left over."""
    sent = event.original_timestamp if event.timestamp is None else event.timestamp
    times: dict[str, Any] = {"original_timestamp": None}
    if event.timestamp is not None and event.original_timestamp is not None:
        times["extra"] = {**(columns["extra"] or {}), "originalTimestamp": event.original_timestamp}
    if sent is None:
        return {**times, "timestamp": columns["received_at"]}
    moment = timestamps.parse(sent)
    ahead = moment > reception.latest
    if ahead or timestamps.is_leap_second(sent):
        times["original_timestamp"] = sent
    return {**times, "timestamp": columns["received_at"] if ahead else timestamps.to_text(moment)}


def claimed_id(document: Any) -> str | None:
    """Return the id that a refused event brought, where it is one that a verdict can name."""
    claimed = document.get("messageId") if isinstance(document, dict) else None
    return claimed if isinstance(claimed, str) and 1 <= len(claimed) <= 128 else None  # noqa: PLR2004
