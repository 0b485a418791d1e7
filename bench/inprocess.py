"""A worker's own consumer over a queue and a store in memory, so that our code alone is what takes time."""

import hashlib
import itertools
import multiprocessing
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from bench import cores
from shared import logs, startup
from shared.errors import Conflict
from shared.objectstore import Listed, Stored
from shared.queue import BATCH_ENTRIES, Received
from shared.settings import WorkerSettings
from worker.consumer import Consumer
from worker.lake import Lake
from worker.recent import Recent

T = TypeVar("T")
STOP_SECONDS = 60
POLL_SECONDS = 0.02
"""A long poll, shortened: a worker stops within one."""


@dataclass
class MemoryQueue:
    """Hands out what was put in, counts deletes. Sets `drained` when as many were deleted as were put.

    Drops what is sent where `keeps` is false.
    """

    keeps: bool = True
    waiting: deque[str] = field(default_factory=deque)
    put_count: int = 0
    deleted: int = 0
    numbers: Iterator[int] = field(default_factory=itertools.count)
    changed: threading.Condition = field(default_factory=threading.Condition)
    drained: threading.Event = field(default_factory=threading.Event)

    def put(self, bodies: Sequence[str]) -> None:
        with self.changed:
            self.waiting.extend(bodies)
            self.put_count += len(bodies)
            self.drained.clear()
            self.changed.notify_all()

    def wait_until_received(self, seconds: float) -> None:
        """Return when no message waits. Raises TimeoutError."""
        with self.changed:
            if not self.changed.wait_for(lambda: not self.waiting, seconds):
                raise TimeoutError(f"{len(self.waiting)} messages wait after {seconds} s")

    def send(self, bodies: Sequence[str]) -> list[int]:
        if self.keeps:
            self.put(bodies)
        return []

    def receive(self, *, wait_seconds: int, visibility_seconds: int) -> list[Received]:  # noqa: ARG002  # never ends
        with self.changed:
            self.changed.wait_for(lambda: self.waiting, min(wait_seconds, POLL_SECONDS))
            taken = [self.waiting.popleft() for _ in range(min(BATCH_ENTRIES, len(self.waiting)))]
            if not self.waiting:
                self.changed.notify_all()
            return [Received(f"m{n}", f"r{n}", body, 1, 0) for body, n in zip(taken, self.numbers, strict=False)]

    def delete(self, receipt_handles: Sequence[str]) -> list[int]:
        with self.changed:
            self.deleted += len(receipt_handles)
            if self.deleted == self.put_count:
                self.drained.set()
        return []

    def change_visibility(self, _receipt_handles: Sequence[str], _seconds: int) -> list[int]:
        return []

    def check(self) -> None:
        pass

    def backlog(self) -> int:
        return self.put_count - self.deleted


@dataclass
class MemoryStore:
    """A bucket with conditional writes that counts its calls; `wrote` is told of each write."""

    objects: dict[str, Stored] = field(default_factory=dict)
    gets: int = 0
    puts: int = 0
    wrote: Callable[[str], None] = lambda _key: None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, key: str) -> Stored | None:
        with self.lock:
            self.gets += 1
            return self.objects.get(key)

    def put(self, key: str, data: bytes, attributes: Mapping[str, str], *, replaces: str | None) -> str:
        etag = hashlib.blake2b(data, digest_size=8).hexdigest()
        with self.lock:
            self.puts += 1
            standing = self.objects.get(key)
            if (standing.etag if standing else None) != replaces:
                raise Conflict("412")
            self.objects[key] = Stored(data, etag, attributes)
        self.wrote(key)
        return etag

    def list(self, prefix: str) -> Iterator[Listed]:
        found = [Listed(key, each.etag, len(each.data)) for key, each in self.objects.items()]
        return (listed for listed in found if listed.key.startswith(prefix))

    def folders(self, _prefix: str) -> Sequence[str]:
        return []


def drain(messages: Sequence[str], seconds: float) -> float:
    """Run a consumer over these messages, and stop it when it has them all; return the seconds until it ends."""
    queue = MemoryQueue()
    queue.put(messages)
    startup.collect_rarely()
    began = time.perf_counter()
    with consuming(queue, MemoryStore()):
        queue.wait_until_received(seconds)
    assert queue.drained.is_set(), f"{queue.backlog()} messages are left"
    return time.perf_counter() - began


@contextmanager
def consuming(queue: MemoryQueue, store: MemoryStore, **settings: Any) -> Iterator[None]:
    """Run a consumer in a thread, with the product's settings but for those named."""
    logs.configure("bench", "ERROR")
    stop = threading.Event()
    required = {"queue_url": "http://bench/queue", "lake_bucket": "bench", "worker_poll_seconds": 1}
    mine = WorkerSettings(**{**required, **settings})
    consumer = Consumer(mine, queue, Lake(store, stop, recent=Recent(mine.worker_recent_bytes)))
    thread = threading.Thread(target=consumer.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(STOP_SECONDS)


def in_fresh_process(work: Callable[..., T], *arguments: Any, seconds: float) -> T:
    """Do some work in a process of its own on the measured core."""
    with cores.pinned(cores.MEASURED), ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        return process.submit(work, *arguments).result(seconds)
