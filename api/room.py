"""The memory that requests may take up: bodies on their way in, and rows that SQS has not confirmed."""

from shared import metrics
from shared.errors import TouchlakeError


class RoomTaken(TouchlakeError):
    """As many bytes are held as may be."""


class Room:
    """One per process, on its event loop."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._held_bytes = 0
        metrics.HELD_IN_API_BYTES.set_function(lambda: self._held_bytes)

    def take(self, size: int) -> None:
        """Take up room for so many bytes. Raises RoomTaken, and then has taken none."""
        if self._held_bytes + size > self._max_bytes:
            raise RoomTaken(f"{self._held_bytes} bytes are held")
        self._held_bytes += size

    def give_back(self, size: int) -> None:
        self._held_bytes -= size
