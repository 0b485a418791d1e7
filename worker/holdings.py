"""What the worker holds: messages received and not yet deleted, and the window of their rows. Thread-safe."""

import threading
import time
from collections.abc import Sequence

from shared import metrics
from worker.messages import Message
from worker.visibility import Visibility
from worker.window import Group, Window


class Holdings:
    """Everything between receive and delete; `max_bytes` is where receiving pauses."""

    def __init__(self, window: Window, visibility: Visibility, *, max_bytes: int) -> None:
        self._window = window
        self._visibility = visibility
        self._max_bytes = max_bytes
        self._changed = threading.Condition()
        self._messages: dict[str, Message] = {}
        self._bytes = 0

    def take_in(self, message: Message, since: float) -> None:
        """Hold a message received no earlier than `since`. One that is held already only renews its receipt."""
        with self._changed:
            held = self._messages.get(message.message_id)
            if held is not None:
                held.receipt_handle = message.receipt_handle
                self._visibility.hold(held, since)
                return
            self._messages[message.message_id] = message
            self._count(message.size)
            self._window.add(message, time.monotonic())
            self._visibility.hold(message, since)
            self._changed.notify_all()

    def wait_for_room(self, stop: threading.Event) -> bool:
        """Wait until there is room for more; return False when told to stop instead."""
        with self._changed:
            self._changed.wait_for(lambda: stop.is_set() or self._bytes < self._max_bytes)
            return not stop.is_set()

    def wait_until_due(self, stop: threading.Event) -> list[Group]:
        """Wait for groups to write; return none when told to stop."""
        with self._changed:
            while not stop.is_set():
                now = time.monotonic()
                due_at = self._window.due_at()
                if due_at is not None and due_at <= now:
                    return self._window.take(now)
                self._changed.wait(None if due_at is None else due_at - now)
            return []

    def take_all(self) -> list[Group]:
        """Hand out every group, due or not."""
        with self._changed:
            return self._window.take(float("inf"))

    def put_back(self, groups: Sequence[Group], retry_in: float) -> None:
        """Take back groups that could not be written, to be due again after `retry_in` seconds."""
        with self._changed:
            self._window.put_back(groups, time.monotonic() + retry_in)
            self._changed.notify_all()

    def let_go(self, message: Message) -> None:
        """Stop holding a message."""
        with self._changed:
            if self._messages.pop(message.message_id, None) is not None:
                self._count(-message.size)
            self._visibility.let_go(message)
            self._changed.notify_all()

    def messages(self) -> list[Message]:
        with self._changed:
            return list(self._messages.values())

    def wait_for_change(self, seconds: float) -> None:
        """Wait until something was taken in, put back or let go, or for so long."""
        with self._changed:
            self._changed.wait(max(0, seconds))

    def wake(self) -> None:
        """Let those who wait look at their stop event."""
        with self._changed:
            self._changed.notify_all()

    def _count(self, size: int) -> None:
        self._bytes += size
        metrics.HELD_BYTES.set(self._bytes)
