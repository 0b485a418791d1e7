"""The memory that requests may take up: bodies on their way in, and rows that SQS has not confirmed."""

from typing import Self

from shared import metrics
from shared.errors import TouchlakeError


class RoomTaken(TouchlakeError):
    """As many bytes are held as may be."""


class Room:
    """So many bytes, on one event loop; a part of it is less that counts in the whole as well."""

    def __init__(self, max_bytes: int, whole: "Room | None" = None) -> None:
        self._max_bytes = max_bytes
        self._whole = whole
        self._held_bytes = 0
        if whole is None:
            metrics.HELD_IN_API_BYTES.set_function(lambda: self._held_bytes)

    def part(self, max_bytes: int) -> Self:
        """Return a room in this one, of which no more may be taken."""
        return type(self)(max_bytes, self)

    def take(self, size: int) -> None:
        """Take up room for so many bytes. Raises RoomTaken, and then has taken none."""
        if self._held_bytes + size > self._max_bytes:
            raise RoomTaken(f"{self._held_bytes} bytes are held")
        self.take_more(size)

    def take_more(self, size: int) -> None:
        """Take up room for what has begun: a part may overflow, so that its bodies end rather than starve each other.

        Raises RoomTaken when the whole has none.
        """
        if self._whole:
            self._whole.take(size)
        self._held_bytes += size

    def give_back(self, size: int) -> None:
        self._held_bytes -= size
        if self._whole:
            self._whole.give_back(size)
