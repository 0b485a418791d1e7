"""What must hold.

At every step: a message that is deleted has all of its rows in the bucket, and what stands there is never lost again.
At rest: the queue is empty, every acknowledged event stands once and nothing else does, and the bytes are those of a
calm run of the same rows.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache

from shared import packing, rows
from shared.objectstore import Stored
from shared.rows import Row
from tests.factories import make_message
from tests.fakes import FakeStore
from tests.protocol.bucket import content, short
from tests.protocol.queue import Entry
from worker.lake import Lake
from worker.window import Window


class Broken(BaseException):
    """Something that must hold does not. Not an Exception: no code under test is to take it for a fault of its own."""


def check_durable(deleted: Entry, stored: Mapping[str, Stored]) -> None:
    """Check a message at the moment of its deletion."""
    for row in _rows(deleted.body):
        if row.key not in stored or not _holds(stored[row.key].data, row):
            raise Broken(f"{deleted.name} deleted, {_place(row)} not durable")


def check_kept(key: str, before: bytes | None, after: bytes) -> None:
    """Check a write at the moment when it counts."""
    for row in content(key, before) if before else ():
        if not _holds(after, row):
            raise Broken(f"a write lost {_place(row)}")


def check_rest(entries: Iterable[Entry], stored: Mapping[str, Stored], acknowledged: Iterable[bytes]) -> None:
    """Check what is left when nobody has anything to do."""
    if left := [entry.name for entry in entries if not entry.is_deleted]:
        raise Broken(f"the queue still holds {' '.join(left)}")
    accepted = frozenset(row.line for entry in entries for row in _rows(entry.body))
    standing = Counter(_place(row) for key, found in stored.items() for row in content(key, found.data))
    if missing := _places(acknowledged) - standing.keys():
        raise Broken(f"acknowledged, and lost: {' '.join(sorted(missing))}")
    if foreign := standing.keys() - _places(accepted):
        raise Broken(f"never sent, and there: {' '.join(sorted(foreign))}")
    if twice := [place for place, times in standing.items() if times > 1]:
        raise Broken(f"there twice: {' '.join(sorted(twice))}")
    if {key: found.data for key, found in stored.items()} != _calm(accepted):
        raise Broken("bytes unlike a calm run's")


def _holds(data: bytes, row: Row) -> bool:
    """Tell whether an object holds a row, or one with its id that came before it."""
    return any(one.id == row.id and _order(one) <= _order(row) for one in content(row.key, data))


def _order(row: Row) -> tuple[str, bytes]:
    return row.received_at, row.line


def _place(row: Row) -> str:
    return f"{row.id}@{short(row.key)}"


def _places(lines: Iterable[bytes]) -> set[str]:
    return {_place(rows.parse(line)) for line in lines}


@cache
def _rows(body: str) -> tuple[Row, ...]:
    return tuple(rows.parse(line) for line in packing.unpack(body))


@cache
def _calm(lines: frozenset[bytes]) -> dict[str, bytes]:
    """Return the lake that one worker makes of these rows on a day without faults."""
    window, store = Window(flush_seconds=0, flush_rows=1, flush_bytes=1), FakeStore()
    window.add(make_message(*(rows.parse(line) for line in sorted(lines))), 0)
    for group in window.take(0):
        Lake(store).merge(group)
    return store.bytes_by_key()
