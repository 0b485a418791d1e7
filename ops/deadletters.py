"""Dead letters: walking through a dead-letter queue, and sending some of it back to where it came from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from ops.delivery import deliver
from shared import bodies, packing
from shared.errors import QueueUnavailable, Undecodable
from shared.queue import BATCH_ENTRIES, Queue, Received
from shared.redrive import Redrive
from shared.rows import Row

HOLD_SECONDS = 600
"""How long a message that was looked at stays invisible if this process is killed before it can give it back."""
_DELETE_TRIES = 3


@dataclass(frozen=True)
class Letter:
    """A dead message, read as a worker would; `why` says why that fails, if it does."""

    message: Received
    rows: list[Row] = field(default_factory=list)
    why: str | None = None

    def matches(self, text: str) -> bool:
        """Look for a text in the body and, since that may be packed, in the rows."""
        return text in self.message.body or any(text.encode() in row.line for row in self.rows)

    @property
    def is_foreign(self) -> bool:
        """Tell whether another producer wrote it: then it may have its id and its time from the queue."""
        return bool(self.rows) and not bodies.is_packed(self.message.body)

    @property
    def body(self) -> str:
        """What is sent back. A foreign event travels as the row that it makes here, since its message is a new one."""
        return packing.pack([row.line for row in self.rows]) if self.is_foreign else self.message.body


def read(message: Received) -> Letter:
    """Read a message as a worker would."""
    try:
        return Letter(message, bodies.read(message))
    except Undecodable as error:
        return Letter(message, why=str(error))


class Walk:
    """Each message of a queue, once; those that were not deleted are visible again at once when the block ends.

    While it lasts, nobody else sees them. Raises QueueUnavailable. `stuck` counts what could not be given back: it
    comes back by itself after ten minutes.
    """

    def __init__(self, queue: Queue) -> None:
        self.stuck = 0
        self._queue = queue
        self._held: dict[str, str] = {}
        self._seen: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        handles = list(self._held.values())
        for start in range(0, len(handles), BATCH_ENTRIES):
            batch = handles[start : start + BATCH_ENTRIES]
            try:
                self.stuck += len(self._queue.change_visibility(batch, 0))
            except QueueUnavailable:
                self.stuck += len(batch)

    def __iter__(self) -> Iterator[Letter]:
        while batch := self._queue.receive(wait_seconds=2, visibility_seconds=HOLD_SECONDS):
            self._held |= {message.message_id: message.receipt_handle for message in batch}
            fresh = [message for message in batch if message.message_id not in self._seen]
            if not fresh:
                return  # this took longer than messages are held: the round is complete
            self._seen |= {message.message_id for message in fresh}
            yield from map(read, fresh)

    def delete(self, letters: Sequence[Letter]) -> int:
        """Delete at most ten messages; return how many were, to the queue's own word."""
        waiting = [letter.message.message_id for letter in letters]
        for _ in range(_DELETE_TRIES):
            try:
                failed = self._queue.delete([self._held[message_id] for message_id in waiting])
            except QueueUnavailable:
                continue
            for position, message_id in enumerate(waiting):
                if position not in failed:
                    del self._held[message_id]
            waiting = [waiting[position] for position in failed]
            if not waiting:
                break
        return len(letters) - len(waiting)


@dataclass
class Moved:
    """What was sent back, and how much of it is in the dead-letter queue as well since it could not be deleted."""

    sent: int = 0
    still_there: int = 0


def send_back(redrive: Redrive, walk: Walk, letters: Iterator[Letter]) -> Iterator[Moved]:
    """Send letters to their queue, and delete each once SQS has confirmed it there; yield what is done so far.

    Send first, delete after: at the worst a message is in both, and workers drop the rows that they have already.
    Raises QueueUnavailable: what is not sent stays where it is.
    """
    moved = Moved()
    batch: list[Letter] = []
    for letter in letters:
        batch.append(letter)
        if len(batch) == BATCH_ENTRIES:
            yield _move(redrive, walk, batch, moved)
            batch = []
    if batch:
        yield _move(redrive, walk, batch, moved)


def _move(redrive: Redrive, walk: Walk, batch: list[Letter], moved: Moved) -> Moved:
    for confirmed in deliver(redrive.main, [letter.body for letter in batch]):
        sent = [batch[position] for position in confirmed]
        deleted = walk.delete(sent) if sent else 0
        moved.sent += len(sent)
        moved.still_there += len(sent) - deleted
    return moved
