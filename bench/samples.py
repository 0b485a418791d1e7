"""What is sent: generated events, each with an id of its own, all of the same size."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from ops import generator
from shared import packing, strict_json
from shared.events import Reception, normalise

RECEPTION = Reception(datetime(2026, 11, 23, 12, tzinfo=UTC), "bench")
POST_EVENTS = 100
EVENT_BYTES = 340


def events(count: int, size: int = EVENT_BYTES, seed: int = 1) -> list[bytes]:
    """Return so many events in JSON, filled up to a size."""
    return [_of_size(event, size) for event in itertools.islice(_endless(seed), count)]


def posts(count: int, size: int = EVENT_BYTES) -> list[bytes]:
    """Return bodies of 100 events."""
    written = events(count * POST_EVENTS, size)
    return [
        b"[" + b",".join(written[start : start + POST_EVENTS]) + b"]" for start in range(0, len(written), POST_EVENTS)
    ]


def _endless(seed: int) -> Iterator[dict[str, Any]]:
    for number in itertools.count(seed):
        yield from generator.generate(users=1000, days=28, seed=number)


def _of_size(event: dict[str, Any], size: int) -> bytes:
    """Write an event with a member that fills it up; the few that are larger stay as they are."""
    missing = size - len(orjson.dumps(event)) - len('"note":""') - (1 if event["properties"] else 0)
    if missing < 0:
        return orjson.dumps(event)
    note = (event["messageId"] * (missing // 24 + 1))[:missing]
    return orjson.dumps(event | {"properties": event["properties"] | {"note": note}})


def user_days(users: range, rows_each: int, seed: int = 1) -> list[bytes]:
    """Return events of so many users on one day, user by user. Another seed gives other events of the same days."""
    source = _endless(seed)
    return [_of_size(_on_one_day(next(source), user), EVENT_BYTES) for user in users for _ in range(rows_each)]


def lines(written: Iterable[bytes]) -> list[bytes]:
    """Return the canonical rows of events."""
    return [normalise(strict_json.read(event), RECEPTION).line for event in written]


def messages(rows: Sequence[bytes], rows_each: int = 100) -> list[str]:
    """Return the rows packed, so many a message."""
    return [packing.pack(rows[start : start + rows_each]) for start in range(0, len(rows), rows_each)]


def _on_one_day(event: dict[str, Any], user: int) -> dict[str, Any]:
    return event | {"userId": f"bt_{user:08}", "timestamp": f"2026-11-22{event['timestamp'][10:]}"}
