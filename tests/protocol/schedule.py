"""A schedule: every choice of a run, read from a tape of bytes, and the threads that it interleaves.

A byte of 0 chooses what a calm day would do, and so does the tape's end. So a tape whose bytes are made smaller is a
calmer run, which is what hypothesis needs to shrink one that breaks something.
"""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from greenlet import getcurrent, greenlet

T = TypeVar("T")
RARE = (24, 0, 64, 112)
"""How many of 256 bytes choose something rare: a tape's first byte says which, so that wild and quiet runs mix."""


@dataclass(eq=False)
class Thread:
    """One that waits for its turn; `before` is what it does then, unless it dies first."""

    owner: str
    before: str
    rest: greenlet
    is_ready: Callable[[], bool]


class Schedule:
    """Threads are greenlets: the project's own blocking calls run in them, and change places only at `pause`."""

    def __init__(self, tape: bytes, *, traced: bool = False) -> None:
        self.counts: Counter[str] = Counter()
        self.lines: list[str] = []
        self._tape = tape.rstrip(b"\0")
        self._at = 0
        self._traced = traced
        self._threads: list[Thread] = []
        self._scheduler = getcurrent()
        self._acting = ""
        self._usual_bytes = 256
        self._usual_bytes = 256 - self.pick(RARE)

    @property
    def is_over(self) -> bool:
        """Tell whether the tape has come to its end, and calm begins."""
        return self._at >= len(self._tape)

    def pick(self, usual: Sequence[T], rare: Sequence[T] = ()) -> T:
        """Choose by the next byte of the tape."""
        byte = 0 if self.is_over else self._tape[self._at]
        self._at += 1
        if rare and byte >= self._usual_bytes:
            return rare[(255 - byte) % len(rare)]
        return usual[byte % len(usual)]

    def note(self, kind: str, text: str = "") -> None:
        """Count a step, and write it down where the run is to be read."""
        self.counts[kind] += 1
        if self._traced and text:
            self.lines.append(f"{self._acting:>4}  {text}")

    def act(self, owner: str, work: Callable[[], object]) -> None:
        """Do something in somebody's name."""
        self._acting = owner
        work()
        self._acting = ""

    def start(self, owner: str, before: str, work: Callable[[], None]) -> None:
        """Start a thread; it runs when its turn comes."""
        self._threads.append(Thread(owner, before, greenlet(work, self._scheduler), lambda: True))

    def pause(self, before: str, is_ready: Callable[[], bool] = lambda: True) -> None:
        """Let others go first. Raises GreenletExit in a thread that was killed meanwhile."""
        self._threads.append(Thread(self._acting, before, getcurrent(), is_ready))
        self._scheduler.switch()

    def threads(self, owner: str) -> list[Thread]:
        return [thread for thread in self._threads if thread.owner == owner]

    def resume(self, thread: Thread) -> None:
        """Run a thread up to its next pause."""
        self._threads.remove(thread)
        self.act(thread.owner, thread.rest.switch)

    def kill(self, owner: str) -> None:
        """End somebody's threads where they stand."""
        for thread in self.threads(owner):
            self._threads.remove(thread)
            self.act(owner, thread.rest.throw)


class Pause(threading.Event):
    """An event that is never set; to wait for it is to let others go first."""

    def __init__(self, schedule: Schedule) -> None:
        super().__init__()
        self._schedule = schedule

    def wait(self, timeout: float | None = None) -> bool:
        self._schedule.pause("trying again")
        return False
