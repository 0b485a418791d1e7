"""Parcels: the rows of concurrent requests, laid out over as few messages as fit. No I/O in here."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from shared import packing, queue
from shared.packing import MESSAGE_BYTES
from shared.rows import Row


class Request(msgspec.Struct, eq=False):
    """The rows of one request, and the future that tells when all of them are confirmed."""

    rows: Sequence[Row]
    line_bytes: int
    held_bytes: int
    confirmed: asyncio.Future[None]
    is_settled: bool = False
    """Whether it is known what became of it; the future may be done before that, if its client's task was cancelled."""


class Parcel:
    """What is sent together. Messages are named by their position."""

    def __init__(self, requests: Sequence[Request]) -> None:
        self.requests = requests
        self.bodies: list[str] = []
        self._rows: list[list[Row]] = []
        self._carries: list[set[Request]] = []
        self._open: set[int] = set()

    def pack(self) -> None:
        """Write the messages; the rows of one request stay together as far as they fit."""
        for rows, carried in _layout(self.requests):
            self.bodies.append(packing.pack([row.line for row in rows]))
            self._rows.append(rows)
            self._carries.append(carried)
        self._open = set(range(len(self.bodies)))

    def batches(self) -> Iterator[list[int]]:
        """Return the unconfirmed messages in batches of at most 10 entries and 1 MiB."""
        return queue.batches(self.bodies, sorted(self._open))

    def rows(self, position: int) -> list[Row]:
        """Return the rows of a message."""
        return self._rows[position]

    def confirm(self, positions: Iterable[int]) -> set[Request]:
        """Note that SQS has some messages; return the requests that have every row there by that."""
        confirmed = self._open.intersection(positions)
        self._open -= confirmed
        return set().union(*(self._carries[position] for position in confirmed)) - self.unconfirmed()

    @property
    def is_confirmed(self) -> bool:
        return not self._open

    @property
    def open_count(self) -> int:
        return len(self._open)

    def unconfirmed(self) -> set[Request]:
        """Return the requests that have rows in a message that is not confirmed."""
        return set().union(*(self._carries[position] for position in self._open))


def _layout(requests: Sequence[Request]) -> Iterator[tuple[list[Row], set[Request]]]:
    rows: list[Row] = []
    carried: set[Request] = set()
    size = 0
    for request in requests:
        if request.rows and size + request.line_bytes <= MESSAGE_BYTES:
            rows += request.rows
            carried.add(request)
            size += request.line_bytes
            continue
        for row in request.rows:
            if rows and size + len(row.line) > MESSAGE_BYTES:
                yield rows, carried
                rows, carried, size = [], set(), 0
            rows.append(row)
            carried.add(request)
            size += len(row.line)
    if rows:
        yield rows, carried
