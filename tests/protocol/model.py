"""The protocol as a whole: clients, queue, bucket and workers, one step at a time."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from tests.protocol import promises
from tests.protocol.bucket import Bucket, short
from tests.protocol.clients import Api
from tests.protocol.promises import Broken
from tests.protocol.queue import ModelQueue
from tests.protocol.schedule import Pause, Schedule
from tests.protocol.worker import ModelFlusher, ModelWorker
from worker.lake import Lake
from worker.recent import Recent

MAX_STEPS = 400
Step = Callable[[], None]


@dataclass(frozen=True)
class Protocol:
    """The parts that a mutant replaces."""

    name: str = "as it is"
    api: type[Api] = Api
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
        self._bucket = protocol.bucket(schedule, promises.check_kept)
        self._queue = ModelQueue(schedule, lambda entry: promises.check_durable(entry, self._bucket.objects))
        self._api = protocol.api(schedule, self._queue)
        self._workers = [self._make_worker(name) for name in "ABC"[: schedule.pick([2, 1, 3])]]
        self._frozen: set[str] = set()

    def play(self) -> None:
        for _ in range(MAX_STEPS):
            usual = self._usual()
            if not usual:
                return
            self._schedule.counts["steps"] += 1
            self._schedule.pick(usual, [self._strike])()
        raise Broken(f"no rest within {MAX_STEPS} steps")

    def _usual(self) -> list[Step]:
        """What comes next if nothing odd happens. Where the tape ends, every trouble ends first."""
        kinds = [self._progress, self._relief, self._last_resort]
        if self._schedule.is_over:
            kinds = [self._relief, self._progress, self._last_resort]
        return next((steps for kind in kinds if (steps := list(kind()))), [])

    def check_rest(self) -> None:
        promises.check_rest(self._queue.entries, self._bucket.objects, self._api.acknowledged)

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
        lake = self._protocol.lake(self._bucket, Pause(self._schedule), recent=Recent(10**6, trusted_share=0))
        return ModelWorker(name, self._schedule, self._queue, lake, self._protocol.flusher)
