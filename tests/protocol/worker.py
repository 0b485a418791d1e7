"""A worker of the model: the project's own, with its threads taken out.

Real: decode, Holdings, Window, Flusher.flush with settle, finish and delete, Lake, the merge. Modelled: the thread pool
of `Flusher._written`, and the lines of Consumer and Poller that pass things on.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from shared.queue import Queue
from tests.protocol.bucket import short
from tests.protocol.schedule import Pause, Schedule
from worker import messages
from worker.consumer import FLUSHES
from worker.flusher import Flush, Flusher, Written
from worker.holdings import Holdings
from worker.lake import Lake
from worker.messages import Message
from worker.visibility import Visibility
from worker.window import Group, Window


class ModelFlusher(Flusher):
    """Flusher whose writers are threads of the schedule, and whose waiting is a pause."""

    def __init__(
        self, lake: Lake, queue: Queue, schedule: Schedule, *, owner: str, done: Callable[[Message], None]
    ) -> None:
        super().__init__(lake, queue, writers=1, done=done)
        self._schedule = schedule
        self._owner = owner
        self._gave_up = Pause(schedule)

    def _written(self, groups: Sequence[Group], flush: Flush) -> Iterator[tuple[Group, Written]]:
        completed: list[tuple[Group, Written]] = []
        for group in groups:
            self._schedule.start(self._owner, "GET", partial(self._write_one, group, completed))
        for _ in groups:
            self._schedule.pause("settle", lambda: bool(completed))
            yield completed.pop(0)

    def _write_one(self, group: Group, completed: list[tuple[Group, Written]]) -> None:
        try:
            completed.append((group, self._lake.merge(group)))
        except Exception as error:  # noqa: BLE001  # as Flusher._write does
            completed.append((group, error))


class ModelWorker:
    """Consumer and Poller, a step at a time."""

    def __init__(
        self, name: str, schedule: Schedule, queue: Queue, lake: Lake, make_flusher: type[ModelFlusher]
    ) -> None:
        self.name = name
        self._schedule = schedule
        self._queue = queue
        self._window = Window(flush_seconds=60, flush_rows=1000, flush_bytes=10**6)
        self._holdings = Holdings(self._window, Visibility(queue, 120), max_bytes=10**9)
        self._flusher = make_flusher(lake, queue, schedule, owner=name, done=self._holdings.let_go)
        self._flushes = 0

    @property
    def can_flush(self) -> bool:
        return self._flushes < FLUSHES and self._window.due_at() is not None

    @property
    def is_busy(self) -> bool:
        return bool(self._holdings.messages() or self._flushes)

    def receive(self) -> None:
        """Take in what the queue gives, as Poller does."""
        for received in self._queue.receive(wait_seconds=20, visibility_seconds=120):
            self._holdings.take_in(messages.decode(received), 0)

    def flush(self) -> None:
        """Begin to write all that is held."""
        groups = self._holdings.take_all()
        self._flushes += 1
        self._schedule.note("flushes", f"flushes {' '.join(short(group.key) for group in groups)}")
        self._schedule.start(self.name, "flush", partial(self._flush, groups))

    def _flush(self, groups: list[Group]) -> None:
        """As Consumer._flush."""
        flush = self._flusher.flush(groups)
        if flush.failed:
            self._holdings.put_back(flush.failed, 0)
        self._flushes -= 1
