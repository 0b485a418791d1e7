"""A user of 100,000 events in a day among ordinary ones: how much longer do the others wait until they are durable?

The worker's own consumer over a queue and a store in memory, fed at a steady pace. Ordinary users have five events
each, 2,000 events a second in all; the hot one's share their messages. Windows of 1 s instead of 60: the hot object is
rewritten with every window, so this is sixty times as often as in production.
"""

import random
import statistics
import threading
import time
from collections.abc import Sequence

from bench import growth, samples
from bench.effort import Effort
from bench.figure import Rounds, ratios
from bench.inprocess import MemoryQueue, MemoryStore, consuming, in_fresh_process
from shared import rows

HOT_EVENTS = 100_000
ROWS_A_USER = 5
USERS_A_TICK = 8
TICK_SECONDS = 0.02
SECONDS = 8
HOT_USER = 99_999_999
TIMEOUT = 120
Tick = tuple[list[str], list[str]]


def measure(effort: Effort) -> Rounds:
    p50, p99, calm_p99 = [], [], []
    for _ in range(max(1, effort.rounds - 3)):
        calm, hot = (in_fresh_process(waits, events, seconds=TIMEOUT) for events in (0, HOT_EVENTS))
        p50 += ratios([_p(hot, 50)], [_p(calm, 50)])
        p99 += ratios([_p(hot, 99)], [_p(calm, 99)])
        calm_p99.append(_p(calm, 99))
    return {"hot_user_p50": p50, "hot_user_p99": p99, "calm_user_p99_seconds": calm_p99}


def waits(hot_events: int) -> list[float]:
    """Return how long each ordinary user's events waited until they were durable."""
    ticks = _ticks(hot_events)
    sent: dict[str, float] = {}
    durable: dict[str, float] = {}
    queue = MemoryQueue()

    def note(key: str) -> None:
        durable.setdefault(key, time.monotonic())

    with consuming(queue, MemoryStore(wrote=note), worker_flush_seconds=1):
        due = time.monotonic()
        for keys, messages in ticks:
            due += TICK_SECONDS
            threading.Event().wait(max(0, due - time.monotonic()))
            sent |= dict.fromkeys(keys, time.monotonic())
            queue.put(messages)
        assert queue.drained.wait(TIMEOUT), "events are left in the queue"
    return [durable[key] - moment for key, moment in sent.items()]


def _ticks(hot_events: int) -> list[Tick]:
    """Return what is sent at a time: the keys of the ordinary users in it, and the messages."""
    count = round(SECONDS / TICK_SECONDS)
    users = USERS_A_TICK * ROWS_A_USER * count
    ordinary = list(growth.lines(users, ROWS_A_USER))
    ordinary.sort(key=lambda line: rows.parse(line).key)  # the rows of a user together again
    hot = [growth.line(HOT_USER, random.Random(n)) for n in range(hot_events)]
    size, hot_size = USERS_A_TICK * ROWS_A_USER, hot_events // count
    return [_tick(ordinary[n * size : (n + 1) * size], hot[n * hot_size : (n + 1) * hot_size]) for n in range(count)]


def _tick(ordinary: Sequence[bytes], hot: Sequence[bytes]) -> Tick:
    keys = sorted({rows.parse(line).key for line in ordinary})
    return keys, samples.messages(random.Random(1).sample([*ordinary, *hot], len(ordinary) + len(hot)))


def _p(values: Sequence[float], share: int) -> float:
    return statistics.quantiles(values, n=100)[share - 1]
