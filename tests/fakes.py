"""In-memory stand-ins for the two ports, with the faults that the real ones have."""

import hashlib
import itertools
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from shared.errors import Conflict, QueueUnavailable, StoreUnavailable
from shared.objectstore import Listed, Stored
from shared.queue import BATCH_BYTES, BATCH_ENTRIES, Received
from shared.redrive import Move
from shared.versions import Version


@dataclass
class FakeQueue:
    """A queue whose visibility timeouts run out when a test says so.

    `faults` are consumed one a send: "down" refuses the call, "lost" takes it and fails to say so, a number refuses the
    entry at that position.
    """

    faults: list[str | int] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    waiting: list[Received] = field(default_factory=list)
    in_flight: dict[str, Received] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)
    extended: list[tuple[str, int]] = field(default_factory=list)
    send_calls: list[int] = field(default_factory=list)
    delete_faults: int = 0
    is_down: bool = False
    reached: threading.Event = field(default_factory=threading.Event)
    gate: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.gate.set()

    def send(self, bodies: Sequence[str]) -> list[int]:
        self.reached.set()
        assert self.gate.wait(20)
        assert 1 <= len(bodies) <= BATCH_ENTRIES
        assert sum(map(len, bodies)) <= BATCH_BYTES
        with self.lock:
            self.send_calls.append(len(bodies))
            fault = self.faults.pop(0) if self.faults else None
            if self.is_down or fault == "down":
                raise QueueUnavailable("down")
            taken = [body for position, body in enumerate(bodies) if position != fault]
            self.bodies += taken
            self.waiting += [received(body, f"m{len(self.bodies)}-{n}") for n, body in enumerate(taken)]
            if fault == "lost":
                raise QueueUnavailable("the answer was lost")
            return [fault] if isinstance(fault, int) and fault < len(bodies) else []

    def add(self, message: Received) -> None:
        """Have a message wait, as if it had been sent."""
        with self.lock:
            self.waiting.append(message)

    def receive(self, *, wait_seconds: int, visibility_seconds: int) -> list[Received]:
        with self.lock:
            batch, self.waiting = self.waiting[:BATCH_ENTRIES], self.waiting[BATCH_ENTRIES:]
            self.in_flight |= {message.receipt_handle: message for message in batch}
        if not batch:
            threading.Event().wait(0.01)  # a long poll, shortened
        return batch

    def delete(self, receipt_handles: Sequence[str]) -> list[int]:
        with self.lock:
            if self.delete_faults:
                self.delete_faults -= 1
                raise QueueUnavailable("down")
            for handle in receipt_handles:
                self.deleted.append(self.in_flight.pop(handle).message_id)
        return []

    def change_visibility(self, receipt_handles: Sequence[str], seconds: int) -> list[int]:
        with self.lock:
            for handle in receipt_handles:
                self.extended.append((handle, seconds))
                if seconds == 0:
                    self.waiting.append(self.in_flight.pop(handle))
        return []

    def check(self) -> None:
        if self.is_down:
            raise QueueUnavailable("down")

    def backlog(self) -> int:
        return len(self.waiting) + len(self.in_flight)


def received(body: str, message_id: str = "m1", sent_ms: int = 1_790_000_000_000) -> Received:
    return Received(message_id, f"receipt-{message_id}", body, 1, sent_ms)


@dataclass
class FakeStore:
    """A bucket with conditional writes. `before_put` runs between a merge's read and its write.

    `history` holds the versions of each object that was put, None for a delete marker; only `FakeVersions` looks there.
    """

    objects: dict[str, Stored] = field(default_factory=dict)
    history: dict[str, dict[str, Stored | None]] = field(default_factory=dict)
    failing: set[str] = field(default_factory=set)
    is_down: bool = False
    gets: int = 0
    puts: list[str] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=itertools.count)
    before_put: Callable[[str], None] = lambda _key: None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, key: str) -> Stored | None:
        self.gets += 1
        if self.is_down or key in self.failing:
            raise StoreUnavailable("503 SlowDown")
        return self.objects.get(key)

    def put(self, key: str, data: bytes, attributes: Mapping[str, str], *, replaces: str | None) -> str:
        self.before_put(key)
        if self.is_down:
            raise StoreUnavailable("503 SlowDown")
        with self.lock:
            standing = self.objects.get(key)
            if (standing.etag if standing else None) != replaces:
                raise Conflict("412")
            etag = f'"{hashlib.md5(data).hexdigest()}"'
            self.objects[key] = Stored(data, etag, dict(attributes))
            self.history.setdefault(key, {})[f"v{next(self.numbers)}"] = self.objects[key]
            self.puts.append(key)
        return etag

    def list(self, prefix: str) -> Iterator[Listed]:
        for key, stored in sorted(self.objects.items()):
            if key.startswith(prefix):
                yield Listed(key, stored.etag, len(stored.data))

    def folders(self, prefix: str) -> Sequence[str]:
        below = {key[len(prefix) :] for key in self.objects if key.startswith(prefix)}
        return sorted({prefix + rest.partition("/")[0] for rest in below if "/" in rest})

    def bytes_by_key(self) -> dict[str, bytes]:
        return {key: stored.data for key, stored in self.objects.items()}


@dataclass
class FakeVersions:
    """The history of a bucket, or of one without versioning."""

    store: FakeStore
    is_versioned: bool = True

    def folders(self, prefix: str) -> Sequence[str]:
        keys = self.store.history if self.is_versioned else self.store.objects
        below = {key[len(prefix) :].partition("/")[0] for key in keys if key.startswith(prefix)}
        return sorted(prefix + rest for rest in below)

    def list(self, prefix: str) -> Iterator[Version]:
        for key in sorted(self.store.history if self.is_versioned else self.store.objects):
            if key.startswith(prefix):
                names = list(reversed(self._versions(key).items()))
                for number, (name, stored) in enumerate(names):
                    yield Version(key, name, number == 0, stored is None)

    def get(self, version: Version) -> Stored | None:
        return self._versions(version.key).get(version.version_id)

    def delete(self, version: Version) -> None:
        if not self.is_versioned:
            self.store.objects.pop(version.key, None)
            return
        history = self.store.history.get(version.key, {})
        history.pop(version.version_id, None)
        latest = next(reversed(history.values()), None)
        if latest is None:
            self.store.objects.pop(version.key, None)
        else:
            self.store.objects[version.key] = latest
        if not history:
            self.store.history.pop(version.key, None)

    def _versions(self, key: str) -> dict[str, Stored | None]:
        if self.is_versioned:
            return dict(self.store.history.get(key, {}))
        stored = self.store.objects.get(key)
        return {"null": stored} if stored else {}


@dataclass
class FakeRedrive:
    """A queue and its dead-letter queue. `moves` says whether the server can move messages by itself."""

    main: FakeQueue = field(default_factory=FakeQueue)
    dead: FakeQueue = field(default_factory=FakeQueue)
    moves: bool = True
    moved: int = 0

    def count(self) -> int:
        return len(self.dead.waiting) + len(self.dead.in_flight)

    def start_move(self) -> bool:
        if self.moves:
            self.moved += len(self.dead.waiting)
            self.main.bodies += [message.body for message in self.dead.waiting]
            self.dead.waiting.clear()
        return self.moves

    def progress(self) -> Move:
        return Move("COMPLETED", self.moved, self.moved)
