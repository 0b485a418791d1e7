"""Rows: the canonical lines that travel through the queue and stand in the lake.

A row is opaque once it is made: the queue, the window and the merge carry its bytes and read only its head.
"""

from datetime import datetime
from typing import Annotated, Any

import msgspec

from shared import keys, strict_json
from shared.errors import Undecodable

EVENT_COLUMNS = (
    "event_id",
    "type",
    "event",
    "name",
    "user_id",
    "anonymous_id",
    "timestamp",
    "original_timestamp",
    "sent_at",
    "properties",
    "traits",
    "context",
    "group_id",
    "previous_id",
    "extra",
    "received_at",
    "source",
    "client_address",
)
REJECTED_COLUMNS = (
    "rejected_id",
    "event_id",
    "reason",
    "detail",
    "raw",
    "raw_base64",
    "raw_bytes",
    "received_at",
    "source",
)

_Moment = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")]
_Id = Annotated[str, msgspec.Meta(min_length=1)]


class Row(msgspec.Struct, frozen=True, gc=False):
    """One line with what places it: `key` names its object, `(sorted_by, id)` its place there."""

    key: str
    id: str
    sorted_by: str
    line: bytes

    @property
    def received_at(self) -> str:
        return _TAIL.decode(self.line).received_at

    @property
    def source(self) -> str:
        return _TAIL.decode(self.line).source


class _EventHead(msgspec.Struct, gc=False):
    event_id: _Id
    timestamp: _Moment
    received_at: _Moment
    user_id: _Id | None = None
    anonymous_id: _Id | None = None


class _RejectedHead(msgspec.Struct, gc=False):
    rejected_id: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{32}$", max_length=32)]
    received_at: _Moment


class _Tail(msgspec.Struct, gc=False):
    received_at: str
    source: str = ""


_EVENT = msgspec.json.Decoder(_EventHead)
_REJECTED = msgspec.json.Decoder(_RejectedHead)
_TAIL = msgspec.json.Decoder(_Tail)


def to_line(columns: dict[str, Any], order: tuple[str, ...] = EVENT_COLUMNS) -> bytes:
    """Write columns as a canonical line: in order, absent ones left out, no white space, UTF-8. Raises Refused."""
    line = strict_json.dumps({name: columns[name] for name in order if columns.get(name) is not None})
    return bytes(memoryview(line))  # orjson 3.13's own bytes keep a buffer of 4 KiB each; rows are held in thousands


def parse(line: bytes) -> Row:
    """Read the head of a canonical line. Raises Undecodable."""
    try:
        if line.startswith(b'{"rejected_id":'):
            rejected = _REJECTED.decode(line)
            _check_moments(rejected.received_at)
            key = keys.rejected(rejected.rejected_id, rejected.received_at[:10])
            return Row(key, rejected.rejected_id, rejected.received_at, line)
        event = _EVENT.decode(line)
        _check_moments(event.timestamp, event.received_at)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Undecodable(f"not a row: {error}") from None
    if event.user_id is None and event.anonymous_id is None:
        raise Undecodable("not a row: neither user_id nor anonymous_id")
    key = keys.events(event.user_id, event.anonymous_id, event.timestamp[:10])
    if len(key) > keys.MAX_CHARACTERS:
        raise Undecodable(f"not a row: its key has {len(key)} characters")
    return Row(key, event.event_id, event.timestamp, line)


def _check_moments(*moments: str) -> None:
    """Raise ValueError for a moment that is of the right shape and on no calendar."""
    for moment in moments:
        datetime.fromisoformat(moment.removesuffix("Z"))
