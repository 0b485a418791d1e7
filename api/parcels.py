"""Parcels: the rows of concurrent requests, laid out over as few messages as fit. No I/O in here."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared import packing, queue
from shared.packing import MESSAGE_BYTES

if TYPE_CHECKING:
    import asyncio


@dataclass(eq=False)
class Request:
    """The rows of one request, and the future that tells when all of them are confirmed."""

    lines: Sequence[bytes]
    size: int
    confirmed: "asyncio.Future[None]"


class Parcel:
    """What is sent together. Messages are named by their position."""

    def __init__(self, requests: Sequence[Request]) -> None:
        self.requests = requests
        self.bodies: list[str] = []
        self._lines: list[list[bytes]] = []
        self._carries: list[set[Request]] = []
        self._open: set[int] = set()

    def pack(self) -> None:
        """Write the messages; the rows of one request stay together as far as they fit."""
        for lines, carried in _layout(self.requests):
            self.bodies.append(packing.pack(lines))
            self._lines.append(lines)
            self._carries.append(carried)
        self._open = set(range(len(self.bodies)))

    def batches(self) -> Iterator[list[int]]:
        """Return the unconfirmed messages in batches of at most 10 entries and 1 MiB."""
        return queue.batches(self.bodies, sorted(self._open))

    def lines(self, position: int) -> list[bytes]:
        """Return the rows of a message."""
        return self._lines[position]

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


def _layout(requests: Sequence[Request]) -> Iterator[tuple[list[bytes], set[Request]]]:
    lines: list[bytes] = []
    carried: set[Request] = set()
    size = 0
    for request in requests:
        for line in request.lines:
            if lines and size + len(line) > MESSAGE_BYTES:
                yield lines, carried
                lines, carried, size = [], set(), 0
            lines.append(line)
            carried.add(request)
            size += len(line)
    if lines:
        yield lines, carried
