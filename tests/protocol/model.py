"""The protocol as a whole: clients, queue, bucket and workers, one step at a time, and what must hold.

At every step: a message that is deleted has all of its rows in the bucket, and what stands there is never lost again.
At rest: the queue is empty, every acknowledged event stands once and nothing else does, and the bytes are those of a
calm run of the same rows.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from typing import NamedTuple

from shared import packing, rows
from shared.objectstore import Stored
from shared.rows import Row
from tests.factories import make_message
from tests.fakes import FakeStore
from tests.protocol.bucket import Bucket, content, short
from tests.protocol.clients import Api
from tests.protocol.queue import Entry, ModelQueue
from tests.protocol.schedule import Pause, Schedule
from tests.protocol.worker import ModelFlusher, ModelWorker
from worker.lake import Lake
from worker.window import Window

MAX_STEPS = 400
Step = Callable[[], None]


class Broken(BaseException):
    """Something that must hold does not. Not an Exception: no code under test is to take it for a fault of its own."""


@dataclass(frozen=True)
class Protocol:
    """The parts that a mutant replaces."""

    name: str = "as it is"
    bucket: type[Bucket] = Bucket
    lake: type[Lake] = Lake
    flusher: type[ModelFlusher] = ModelFlusher


class Run(NamedTuple):
    """What became of one tape; `broken` says what did not hold."""

    tape: bytes
    counts: Counter[str]
    lines: list[str]
    broken: str | None

    def __str__(self) -> str:
        lines = [f"run(bytes.fromhex({self.tape.rstrip(bytes(1)).hex()!r}), traced=True)", *self.lines]
        return "\n".join([*lines, f"{'✗':>4}  {self.broken}"] if self.broken else lines)


def run(tape: bytes, protocol: Protocol = Protocol(), *, traced: bool = False) -> Run:
    """Play a tape to its end, and then on calmly until everything rests."""
    schedule = Schedule(tape, traced=traced)
    model = Model(schedule, protocol)
    broken = None
    try:
        model.play()
        model.check_rest()
    except Broken as error:
        broken = str(error)
    model.end()
    return Run(tape, schedule.counts, schedule.lines, broken)


class Model:
    """The state of a run, and the steps that are possible in it."""

    def __init__(self, schedule: Schedule, protocol: Protocol) -> None:
        self._schedule = schedule
        self._protocol = protocol
        self._queue = ModelQueue(schedule, self._check_durable)
        self._bucket = protocol.bucket(schedule, self._check_kept)
        self._api = Api(schedule, self._queue)
        self._workers = [self._make_worker(name) for name in "ABC"[: schedule.pick([2, 1, 3])]]
        self._frozen: set[str] = set()

    def play(self) -> None:
        for _ in range(MAX_STEPS):
            usual = self._usual()
            if not usual:
                return
            self._schedule.counts["steps"] += 1
            self._schedule.pick(usual, [self._strike])()
        raise Broken(f"does not come to rest within {MAX_STEPS} steps")

    def _usual(self) -> list[Step]:
        """What comes next if nothing odd happens. Where the tape ends, every trouble ends first."""
        kinds = [self._progress, self._relief, self._last_resort]
        if self._schedule.is_over:
            kinds = [self._relief, self._progress, self._last_resort]
        return next((steps for kind in kinds if (steps := list(kind()))), [])

    def end(self) -> None:
        for worker in self._workers:
            self._schedule.kill(worker.name)

    def _progress(self) -> Iterator[Step]:
        """What happens by itself."""
        has_messages = bool(self._queue.visible())
        for worker in self._workers:
            if worker.name in self._frozen:
                continue
            for thread in self._schedule.threads(worker.name):
                if thread.is_ready():
                    yield partial(self._schedule.resume, thread)
            if worker.can_flush:
                yield partial(self._schedule.act, worker.name, worker.flush)
            if has_messages:
                yield partial(self._schedule.act, worker.name, worker.receive)
        for client in self._api.waiting():
            yield partial(self._schedule.act, "API", partial(self._api.take, client))

    def _relief(self) -> Iterator[Step]:
        """What ends a trouble: at any time, and at the latest when nothing else happens."""
        for name in sorted(self._frozen):
            yield partial(self._wake, name)
        for key in sorted(self._bucket.failing):
            yield partial(self._heal, key)
        for write in self._bucket.air:
            yield partial(self._schedule.act, "S3", partial(self._bucket.land, write))

    def _last_resort(self) -> Iterator[Step]:
        """When nobody has anything to do, the messages of the dead come back."""
        for entry in self._queue.in_flight():
            yield partial(self._schedule.act, "SQS", partial(self._queue.expire, entry))

    def _strike(self) -> None:
        """Let something odd happen, or an oddity end."""
        if steps := [*self._relief(), *self._trouble()]:
            self._schedule.pick(steps)()

    def _trouble(self) -> Iterator[Step]:
        for worker in self._workers:
            if worker.is_busy:
                yield partial(self._crash, worker)
            if worker.is_busy and worker.name not in self._frozen:
                yield partial(self._freeze, worker.name)
        yield from self._last_resort()
        for key in sorted(self._bucket.objects.keys() - self._bucket.failing):
            yield partial(self._fail, key)

    def _crash(self, worker: ModelWorker) -> None:
        befores = sorted({thread.before for thread in self._schedule.threads(worker.name)}) or ["flush"]
        self._schedule.note("crashes", f"{worker.name} crashes before {', '.join(befores)}; another takes its place")
        for before in befores:
            self._schedule.note(f"crashes before {before}")
        self._schedule.kill(worker.name)
        self._frozen.discard(worker.name)
        self._workers[self._workers.index(worker)] = self._make_worker(worker.name)

    def _freeze(self, name: str) -> None:
        self._schedule.note("freezes", f"{name} freezes")
        self._frozen.add(name)

    def _wake(self, name: str) -> None:
        self._schedule.note("zombies that woke up", f"{name} wakes up and goes on where it was")
        self._frozen.discard(name)

    def _fail(self, key: str) -> None:
        self._schedule.note("objects that fail alone", f"{short(key)} cannot be read or written")
        self._bucket.failing.add(key)

    def _heal(self, key: str) -> None:
        self._schedule.note("objects that work again", f"{short(key)} can be read and written again")
        self._bucket.failing.discard(key)

    def _make_worker(self, name: str) -> ModelWorker:
        lake = self._protocol.lake(self._bucket, Pause(self._schedule))
        return ModelWorker(name, self._schedule, self._queue, lake, self._protocol.flusher)

    def _check_durable(self, entry: Entry) -> None:
        for row in _rows(entry.body):
            if not _holds(self._bucket.objects.get(row.key), row):
                raise Broken(f"{entry.name} is deleted, but {_place(row)} is not durable")

    def _check_kept(self, key: str, before: bytes | None) -> None:
        for row in content(key, before) if before else ():
            if not _holds(self._bucket.objects[key], row):
                raise Broken(f"{_place(row)} was durable, and a write lost it")

    def check_rest(self) -> None:
        if left := [entry.name for entry in self._queue.entries if not entry.is_deleted]:
            raise Broken(f"the queue still holds {' '.join(left)}")
        stored = {key: stored.data for key, stored in self._bucket.objects.items()}
        accepted = {row.line for entry in self._queue.entries for row in _rows(entry.body)}
        self._check_once(Counter(_place(row) for key, data in stored.items() for row in content(key, data)), accepted)
        if stored != _calm(frozenset(accepted)):
            raise Broken("the bytes are not those of a calm run of the same rows")

    def _check_once(self, standing: Counter[str], accepted: set[bytes]) -> None:
        if missing := _places(self._api.acknowledged) - standing.keys():
            raise Broken(f"acknowledged, and not in the lake: {' '.join(sorted(missing))}")
        if foreign := standing.keys() - _places(accepted):
            raise Broken(f"never sent, and in the lake: {' '.join(sorted(foreign))}")
        if twice := [place for place, times in standing.items() if times > 1]:
            raise Broken(f"more than once in the lake: {' '.join(sorted(twice))}")


def _place(row: Row) -> str:
    return f"{row.id}@{short(row.key)}"


def _places(lines: Iterable[bytes]) -> set[str]:
    return {_place(rows.parse(line)) for line in lines}


@cache
def _rows(body: str) -> tuple[Row, ...]:
    return tuple(rows.parse(line) for line in packing.unpack(body))


def _holds(stored: Stored | None, row: Row) -> bool:
    """Tell whether an object holds a row, or one with its id that came before it."""
    standing = {one.id: one for one in content(row.key, stored.data)} if stored else {}
    return row.id in standing and _order(standing[row.id]) <= _order(row)


def _order(row: Row) -> tuple[str, bytes]:
    return row.received_at, row.line


@cache
def _calm(lines: frozenset[bytes]) -> dict[str, bytes]:
    """Return the lake that one worker makes of these rows on a day without faults."""
    window, store = Window(flush_seconds=0, flush_rows=1, flush_bytes=1), FakeStore()
    window.add(make_message(*(rows.parse(line) for line in sorted(lines))), 0)
    for group in window.take(0):
        Lake(store).merge(group)
    return store.bytes_by_key()
