"""Events on their way through API, queue and workers while both services scale. Pure: no clock, no chance.

Simpler than the truth where that is harder on us: a worker that is stopped gives back all it holds, although it would
write most of it first; and a row waits a whole window, although the mean is half of one.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import inf

from bench.fleet import Fleet
from bench.line import Cohort, Line
from bench.policy import Policy, TargetTracking
from ops import usage

STEP = 5.0
"""Seconds."""
MINUTE = 60.0


@dataclass(frozen=True)
class Plant:
    """What a task can do, and what holds for all of them. Events, seconds."""

    api_events: float
    """A second and task, at full load."""
    worker_events: float
    """A second and task, written."""
    linger_seconds: float = 0.2
    flush_seconds: float = 60
    flush_events: float = 200_000
    """A worker's window of so many is due at once."""
    held_events: float = 279_000
    """256 MiB of rows of 360 bytes, 600 bytes of overhead each: past it a worker stops polling."""
    in_flight_messages: float = 120_000
    store_events: float = inf
    """What S3's prefixes take a second."""
    retry_seconds: float = 30
    """Until a client sends again what got 503. An assumption."""
    start_seconds: float = 45
    """From the decision until a task takes work. An assumption: pulling the image decides."""


@dataclass(frozen=True)
class Backlog:
    """The metric that workers scale on: messages a task."""

    with_held: bool = True
    """ApproximateNumberOfMessagesVisible and …NotVisible; else visible alone, as in AWS's example."""
    per_wanted: bool = True
    """By DesiredTaskCount; else by RunningTaskCount, as in AWS's example."""


@dataclass(frozen=True)
class Sample:
    """How things stand: events, but for tasks and messages; `made` and `written` since the beginning.

    `freshness` is the age in seconds of the oldest accepted event that is not in the lake.
    """

    time: float
    made: float
    refused: float
    visible: float
    held: float
    written: float
    in_flight: float
    api_tasks: int
    workers: int
    freshness: float


class Simulation:
    """One run. `offered(t)` is the events a second that users make, `s3(t)` says whether S3 answers."""

    def __init__(
        self,
        plant: Plant,
        api: Policy,
        workers: Policy,
        *,
        offered: Callable[[float], float],
        s3: Callable[[float], bool] = lambda _: True,
        backlog: Backlog = Backlog(),
    ) -> None:
        self._plant = plant
        self._backlog = backlog
        self._offered = offered
        self._s3 = s3
        self._api = Fleet(api.minimum, plant.start_seconds)
        self._workers = Fleet(workers.minimum, plant.start_seconds)
        self._api_policy = TargetTracking(api)
        self._worker_policy = TargetTracking(workers)
        self._clients = Line()
        self._queue = Line()
        self._held = Line()  # by the time received; `_accepted` is the same events by the time accepted
        self._accepted = Line()
        self._made = self._written = 0.0

    def run(self, seconds: float) -> Iterator[Sample]:
        """Yield a sample after each step."""
        now = 0.0
        while now < seconds:
            now += STEP
            self._api.advance(now)
            self._workers.advance(now)
            load = self._accept(now)
            self._receive(now)
            if self._s3(now):
                self._write(now)
            if now % MINUTE < STEP:
                self._scale(load, now)
            yield self._sample(now)

    def _accept(self, now: float) -> float:
        """Take what the API can; the rest got 503 and its clients send it again. Return the load, 1 is full."""
        made = self._offered(now) * STEP
        offered = made + self._clients.events * STEP / self._plant.retry_seconds
        able = self._api.running * self._plant.api_events * STEP
        self._made += made
        self._clients.put([Cohort(now, made)])
        sent = _events(self._clients.take(min(able, offered)))
        self._queue.put([Cohort(now, sent, self._messages(sent / STEP) * STEP)])
        return offered / able

    def _messages(self, events: float) -> float:
        """Return messages a second: a parcel is one (one event a POST)."""
        running = self._api.running
        return running * usage.parcels(self._plant.linger_seconds, max(events, 1e-9) / running)

    def _receive(self, now: float) -> None:
        """Take what workers have room for, and the queue lets be in flight."""
        room = self._workers.running * self._plant.held_events - self._held.events
        taken = self._queue.take(max(0, room), max(0, self._plant.in_flight_messages - self._held.messages))
        self._accepted.put(taken)
        self._held.put([Cohort(now, _events(taken), sum(cohort.messages for cohort in taken))])

    def _write(self, now: float) -> None:
        plant = self._plant
        able = min(self._workers.running * plant.worker_events, plant.store_events) * STEP
        is_full = self._held.events >= self._workers.running * plant.flush_events
        done = _events(self._held.take(able, since=now if is_full else now - plant.flush_seconds))
        self._written += _events(self._accepted.take(done))

    def _scale(self, load: float, now: float) -> None:
        """Decide, once a minute, by the metrics that CloudWatch then has."""
        self._api.want(self._api_policy.decide(load, self._api.wanted, now), now)
        running = self._workers.running
        stopped = self._workers.want(
            self._worker_policy.decide(self._messages_a_task(), self._workers.wanted, now), now
        )
        if stopped:
            leaving = _events(self._held.take(self._held.events * stopped / running))
            self._queue.put_back(self._accepted.take(leaving))

    def _messages_a_task(self) -> float:
        messages = self._queue.messages + (self._held.messages if self._backlog.with_held else 0)
        return messages / (self._workers.wanted if self._backlog.per_wanted else self._workers.running)

    def _sample(self, now: float) -> Sample:
        oldest = min((line.oldest for line in (self._queue, self._accepted) if line.oldest is not None), default=now)
        return Sample(
            time=now,
            made=self._made,
            refused=self._clients.events,
            visible=self._queue.events,
            held=self._held.events,
            written=self._written,
            in_flight=self._held.messages,
            api_tasks=self._api.running,
            workers=self._workers.running,
            freshness=now - oldest,
        )


def _events(cohorts: Iterable[Cohort]) -> float:
    return sum(cohort.events for cohort in cohorts)
