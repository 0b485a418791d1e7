"""Rows: the canonical lines that travel through the queue and stand in the lake.

A row is opaque once it is made: the queue, the window and the merge carry its bytes and read only its head.
"""

import re
from datetime import datetime
from functools import lru_cache
from sys import intern
from typing import Annotated, Any

import msgspec

from shared import keys
from shared.errors import Undecodable


class EventColumns(msgspec.Struct, omit_defaults=True, kw_only=True, gc=False):
    """What a row holds of an event, in its order. Objects are canonical text, as they came."""

    event_id: str
    type: str
    event: str | None = None
    name: str | None = None
    user_id: str | None = None
    anonymous_id: str | None = None
    timestamp: str
    original_timestamp: str | None = None
    sent_at: str | None = None
    properties: Any = None
    traits: Any = None
    context: Any = None
    group_id: str | None = None
    previous_id: str | None = None
    extra: Any = None
    received_at: str
    source: str
    client_address: str | None = None


class RejectedColumns(msgspec.Struct, omit_defaults=True, kw_only=True, gc=False):
    """What a row holds of what was refused, in its order."""

    rejected_id: str
    event_id: str | None = None
    reason: str
    detail: str
    raw: str | None = None
    raw_base64: str | None = None
    raw_bytes: int | None = None
    received_at: str
    source: str


EVENT_COLUMNS = EventColumns.__struct_fields__
REJECTED_COLUMNS = RejectedColumns.__struct_fields__

_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
_Id = Annotated[str, msgspec.Meta(min_length=1)]


class Row(msgspec.Struct, frozen=True, gc=False):
    """One line with what places it: `key` names its object, `(sorted_by, id)` its place there."""

    key: str
    id: str
    sorted_by: str
    source: str
    line: bytes

    @property
    def received_at(self) -> str:
        return _TAIL.decode(self.line).received_at


class _EventHead(msgspec.Struct, gc=False):
    event_id: _Id
    timestamp: str
    received_at: str
    user_id: _Id | None = None
    anonymous_id: _Id | None = None
    source: str = ""


class _RejectedHead(msgspec.Struct, gc=False):
    rejected_id: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{32}$", max_length=32)]
    received_at: str
    source: str = ""


class _Tail(msgspec.Struct, gc=False):
    received_at: str


_EVENT = msgspec.json.Decoder(_EventHead)
_REJECTED = msgspec.json.Decoder(_RejectedHead)
_TAIL = msgspec.json.Decoder(_Tail)
_ENCODER = msgspec.json.Encoder()


def to_line(columns: EventColumns | RejectedColumns) -> bytes:
    """Write columns as a canonical line: in order, absent ones left out, no white space, UTF-8."""
    return bytes(memoryview(_ENCODER.encode(columns)))  # a copy fits; the encoder's own takes up its first 512 bytes


def parse(line: bytes) -> Row:
    """Read the head of a canonical line. Raises Undecodable."""
    try:
        if line.startswith(b'{"rejected_id":'):
            rejected = _REJECTED.decode(line)
            _check_reception(rejected.received_at)
            return of_rejected(rejected.rejected_id, rejected.received_at, rejected.source, line)
        event = _EVENT.decode(line)
        _check_moment(event.timestamp)
        _check_reception(event.received_at)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Undecodable(f"not a row: {error}") from None
    if event.user_id is None and event.anonymous_id is None:
        raise Undecodable("not a row: neither user_id nor anonymous_id")
    key = keys.events(event.user_id, event.anonymous_id, event.timestamp[:10])
    if len(key) > keys.MAX_CHARACTERS:
        raise Undecodable(f"not a row: its key has {len(key)} characters")
    return Row(key, event.event_id, event.timestamp, intern(event.source), line)


def of_rejected(rejected_id: str, received_at: str, source: str, line: bytes) -> Row:
    """Place the line of a refused event."""
    return Row(keys.rejected(rejected_id, received_at[:10]), rejected_id, received_at, intern(source), line)


def _check_moment(moment: str) -> None:
    """Raise ValueError for a moment that has not the form of `timestamps.to_text`, or is on no calendar."""
    if not _MOMENT.fullmatch(moment):
        raise ValueError("a time of another form")
    datetime.fromisoformat(moment[:26])


_check_reception = lru_cache(1024)(_check_moment)  # rows that came together were received together
