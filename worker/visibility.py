"""The visibility heartbeat: a message that is held stays invisible to the other workers."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from shared import logs
from shared.errors import QueueUnavailable
from shared.queue import BATCH_ENTRIES, Queue
from worker.messages import Message

HEARTBEATS = 8
"""Calls at a time: at 30 ms each they extend 160,000 messages in a minute, more than a queue lets be in flight."""


class Visibility:
    """Keeps the visibility timeout of held messages from running out; most are done before that is needed."""

    def __init__(self, queue: Queue, seconds: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._queue = queue
        self._seconds = seconds
        self._clock = clock
        self._threads = ThreadPoolExecutor(HEARTBEATS, thread_name_prefix="heartbeat")
        self._lock = threading.Lock()
        self._held: dict[str, tuple[Message, float]] = {}

    def hold(self, message: Message, since: float) -> None:
        """Keep a message, received no earlier than `since`, until it is let go."""
        with self._lock:
            self._held[message.message_id] = (message, since + self._seconds)

    def let_go(self, message: Message) -> None:
        with self._lock:
            self._held.pop(message.message_id, None)

    def run(self, stop: threading.Event) -> None:
        """Extend what needs it until told to stop."""
        while not stop.wait(self._seconds / 8):
            self.extend_due()
        self._threads.shutdown()

    def extend_due(self) -> None:
        """Extend the messages that have less than half of their timeout left."""
        now = self._clock()
        with self._lock:
            due = [message for message, ends in self._held.values() if ends - now < self._seconds / 2]
        batches = [due[start : start + BATCH_ENTRIES] for start in range(0, len(due), BATCH_ENTRIES)]
        list(self._threads.map(self._extend, batches))  # a list, so that what a thread died of is raised here

    def _extend(self, batch: list[Message]) -> None:
        now = self._clock()
        try:
            failed = set(self._queue.change_visibility([message.receipt_handle for message in batch], self._seconds))
        except QueueUnavailable as error:
            logs.get().warning("visibility_not_extended", messages=len(batch), error=str(error))
            return
        if failed:  # its receipt ran out: the queue gives it to somebody again, and the merge drops the repeat
            logs.get().warning("visibility_not_extended", messages=len(failed), error="receipts that ran out")
        with self._lock:
            for position, message in enumerate(batch):
                if message.message_id in self._held and position not in failed:
                    self._held[message.message_id] = (message, now + self._seconds)
