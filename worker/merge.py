"""The merge: commutative, associative, idempotent, and all that exactly once rests on. Pure.

An object is a set of rows keyed by id; of two rows with one id, the smaller (received_at, line) stands. That is a
minimum over a total order, so no order, batching or repetition of merges makes a difference.
"""

from collections.abc import Iterable, Mapping, MutableMapping
from typing import NamedTuple

from shared.rows import Row


class Merged(NamedTuple):
    """What an object holds after a merge, and what the merge did to it."""

    rows: dict[str, Row]
    added: int
    changed: bool


def add(rows: MutableMapping[str, Row], row: Row) -> None:
    """Put a row into a set of rows."""
    standing = rows.setdefault(row.id, row)
    if standing.line != row.line:
        rows[row.id] = resolve(standing, row)


def resolve(one: Row, other: Row) -> Row:
    """Return which of two rows with one id stands."""
    return min(one, other, key=lambda row: (row.received_at, row.line))


def merge(standing: Iterable[Row], incoming: Mapping[str, Row]) -> Merged:
    """Merge rows into those of an object."""
    before = {row.id: row for row in standing}
    rows = dict(before)
    for row in incoming.values():
        add(rows, row)
    changed = len(rows) != len(before) or any(rows[name].line != row.line for name, row in before.items())
    return Merged(rows, len(rows) - len(before), changed)
