"""The window: rows gathered by the object that they belong to, until it is time to write them.

Pure: no clock, no network. Times are seconds of any one monotonic clock.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from shared.rows import Row
from worker import merge
from worker.messages import Message


@dataclass(eq=False, slots=True)
class Group:
    """The rows of one object, and the messages that they came in."""

    key: str
    rows: dict[str, Row] = field(default_factory=dict)
    messages: set[Message] = field(default_factory=set)
    received: int = 0

    def add(self, row: Row, message: Message) -> None:
        merge.add(self.rows, row)
        self.messages.add(message)
        self.received += 1


class Window:
    """Due when it is old enough, or holds enough rows or bytes.

    A group that could not be written comes back and waits on its own, gathering what arrives for it: one failing object
    makes no other wait.
    """

    def __init__(self, *, flush_seconds: float, flush_rows: int, flush_bytes: int) -> None:
        self._flush_seconds = flush_seconds
        self._flush_rows = flush_rows
        self._flush_bytes = flush_bytes
        self._groups: dict[str, Group] = {}
        self._retries: dict[str, Group] = {}
        self._rows = 0
        self._bytes = 0
        self._due_at: float | None = None
        self._retry_at: float | None = None

    def add(self, message: Message, now: float) -> None:
        """Gather the rows of a message."""
        for row in message.rows:
            group = self._retries.get(row.key) or self._groups.get(row.key)
            if group is None:
                group = self._groups[row.key] = Group(row.key)
            group.add(row, message)
            self._bytes += len(row.line)
        self._rows += len(message.rows)
        is_full = self._rows >= self._flush_rows or self._bytes >= self._flush_bytes
        if is_full or self._due_at is None:
            self._due_at = now if is_full else now + self._flush_seconds

    def put_back(self, groups: Iterable[Group], retry_at: float) -> None:
        """Take back groups that could not be written, to be tried again then."""
        for group in groups:
            waiting = self._retries.setdefault(group.key, group)
            if waiting is not group:
                for row in group.rows.values():
                    merge.add(waiting.rows, row)
                waiting.messages |= group.messages
                waiting.received += group.received
            self._retry_at = retry_at if self._retry_at is None else min(self._retry_at, retry_at)

    def due_at(self) -> float | None:
        """Return when there is something to take; None when it holds nothing."""
        return min((moment for moment in (self._due_at, self._retry_at) if moment is not None), default=None)

    def take(self, now: float) -> list[Group]:
        """Hand out the groups that are due."""
        taken: list[Group] = []
        if self._retry_at is not None and self._retry_at <= now:
            taken += self._retries.values()
            self._retries, self._retry_at = {}, None
        if self._due_at is not None and self._due_at <= now:
            taken += self._groups.values()
            self._groups, self._due_at = {}, None
            self._rows = self._bytes = 0
        return taken
