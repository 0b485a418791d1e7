"""The flusher: writes due groups in parallel, and deletes a message once all of its objects are durable."""

import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from queue import SimpleQueue

from shared import logs, metrics
from shared.errors import CorruptObject, QueueUnavailable, StoreUnavailable
from shared.queue import BATCH_ENTRIES, Queue
from worker.lake import Lake, Outcome
from worker.messages import Message
from worker.window import Group

DELETE_TRIES = 3
DELETE_BACKOFF_SECONDS = 0.2
Written = Outcome | Exception
"""What a merge returned or raised."""


@dataclass
class Flush:
    """What became of the groups of one window."""

    written: int = 0
    unchanged: int = 0
    added: int = 0
    duplicates: int = 0
    deleted: int = 0
    failed: list[Group] = field(default_factory=list)
    corrupt: int = 0
    error: str | None = None


class Flusher:
    """Stateless between flushes; `writers` objects are merged at a time, over all flushes."""

    def __init__(self, lake: Lake, queue: Queue, *, writers: int, done: Callable[[Message], None]) -> None:
        self._lake = lake
        self._queue = queue
        self._writers = writers
        self._done = done
        self._threads = ThreadPoolExecutor(writers, thread_name_prefix="writer")
        self._settling = threading.Lock()
        self._gave_up = threading.Event()
        self._flushing: list[SimpleQueue[tuple[Group, Written] | None]] = []

    def give_up(self) -> None:
        """Let every flush return at once with what is open as failed. A write that runs ends by S3's time-outs."""
        with self._settling:
            self._gave_up.set()
            for completed in self._flushing:
                completed.put(None)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def flush(self, groups: Sequence[Group]) -> Flush:
        """Write the groups; return those that S3 did not let through, which stay held."""
        flush = Flush()
        began = time.monotonic()
        durable: list[Message] = []
        for group, written in self._written(groups, flush):
            durable += self._settle(group, written, flush)
            if len(durable) >= BATCH_ENTRIES:
                flush.deleted += self._finish(durable[:BATCH_ENTRIES])
                del durable[:BATCH_ENTRIES]
        flush.deleted += self._finish(durable)
        self._report(flush, time.monotonic() - began)
        return flush

    def _written(self, groups: Sequence[Group], flush: Flush) -> Iterator[tuple[Group, Written]]:
        """Yield each group as it is done; when told to give up, fail the rest and end."""
        waiting = deque(random.sample(groups, len(groups)))  # in order, those that fail would come first each time
        completed: SimpleQueue[tuple[Group, Written] | None] = SimpleQueue()
        with self._settling:
            self._flushing.append(completed)
            if self._gave_up.is_set():
                completed.put(None)
        for _ in range(min(self._writers, len(groups))):
            self._threads.submit(self._write, waiting, completed)
        open_groups = dict.fromkeys(groups)
        while open_groups and (done := completed.get()) is not None:
            del open_groups[done[0]]
            yield done
            if len(flush.failed) >= self._writers and not flush.written + flush.unchanged:
                for group in _taken(waiting):  # S3 is away, not an object: spare the rest their time-outs
                    del open_groups[group]
                    flush.failed.append(group)
        waiting.clear()
        flush.failed += open_groups
        with self._settling:
            self._flushing.remove(completed)

    def _write(self, waiting: deque[Group], completed: "SimpleQueue[tuple[Group, Written] | None]") -> None:
        """Merge one group after the other. Runs in a writer thread."""
        for group in _taken(waiting):
            try:
                completed.put((group, self._lake.merge(group)))
            except Exception as error:  # noqa: BLE001  # `_settle` tells them apart
                completed.put((group, error))

    def _settle(self, group: Group, written: Written, flush: Flush) -> list[Message]:
        """Note what became of one object; return the messages that have no other to wait for."""
        match written:
            case StoreUnavailable() as error:
                flush.failed.append(group)
                flush.error = str(error)
                return []
            case CorruptObject() as error:
                flush.corrupt += 1
                logs.get().error("object_quarantined", key=group.key, error=str(error))
                return self._done_with(group, durable=False)
            case Exception() as error:  # a mistake of ours in one object must not cost the others
                flush.corrupt += 1
                logs.get().error("merge_crashed", key=group.key, error=type(error).__name__)
                return self._done_with(group, durable=False)
            case outcome:
                flush.written += outcome.written
                flush.unchanged += not outcome.written
                flush.added += outcome.added
                flush.duplicates += outcome.duplicates
                return self._done_with(group, durable=True)

    def _done_with(self, group: Group, *, durable: bool) -> list[Message]:
        """Return the messages for which this object was the last; two flushes may share a message."""
        with self._settling:
            return [message for message in group.messages if message.settle(group.key, durable=durable)]

    def _finish(self, messages: Sequence[Message]) -> int:
        """Delete what is durable; leave a message with a quarantined object to come back when its timeout ends."""
        durable = [message for message in messages if not message.spoiled]
        for message in durable:
            if message.oldest:
                received_at = datetime.fromisoformat(message.oldest).astimezone(UTC)
                metrics.FRESHNESS_SECONDS.observe((datetime.now(UTC) - received_at).total_seconds())
        for message in messages:
            self._done(message)
        metrics.MESSAGES_RETURNED.inc(len(messages) - len(durable))
        return sum(
            self._delete(durable[start : start + BATCH_ENTRIES]) for start in range(0, len(durable), BATCH_ENTRIES)
        )

    def _delete(self, batch: Sequence[Message]) -> int:
        """Delete a batch; one that stays comes back after its timeout, finds its rows durable, and is deleted then."""
        open_messages = list(batch)
        for attempt in range(DELETE_TRIES):
            if attempt and self._gave_up.wait(random.uniform(0, DELETE_BACKOFF_SECONDS * 2**attempt)):
                break
            try:
                failed = self._queue.delete([message.receipt_handle for message in open_messages])
            except QueueUnavailable as error:
                logs.get().warning("delete_failed", messages=len(open_messages), error=str(error))
                continue
            open_messages = [open_messages[position] for position in failed]
            if not open_messages:
                break
        return len(batch) - len(open_messages)

    def _report(self, flush: Flush, seconds: float) -> None:
        metrics.FLUSH_SECONDS.observe(seconds)
        metrics.OBJECTS_WRITTEN.inc(flush.written)
        metrics.OBJECTS_UNCHANGED.inc(flush.unchanged)
        metrics.OBJECTS_CORRUPT.inc(flush.corrupt)
        metrics.ROWS_STORED.inc(flush.added)
        metrics.ROWS_DUPLICATE.inc(flush.duplicates)
        metrics.MESSAGES_DELETED.inc(flush.deleted)
        metrics.WRITE_FAILURES.inc(len(flush.failed))
        log = logs.get().bind(
            written=flush.written,
            unchanged=flush.unchanged,
            added=flush.added,
            duplicates=flush.duplicates,
            deleted=flush.deleted,
            seconds=round(seconds, 3),
        )
        if flush.failed:
            log.warning("window_held_back", failed=len(flush.failed), error=flush.error)
        else:
            log.info("window_flushed")


def _taken(waiting: deque[Group]) -> Iterator[Group]:
    """Take groups until there are none; several threads may."""
    while waiting:
        try:
            yield waiting.popleft()
        except IndexError:  # another thread was faster
            return
