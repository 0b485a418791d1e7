"""What S3 bills for a million events: the worker's own window and merge, on a clock that is only counted.

Users as in ops/workload.py: ten events each in a session of 17 minutes, so at 1,000 events a second 104,000 are about,
and a window of a minute rarely holds two events of one of them. One worker; more workers make windows that hold less.
The ledger's PUT twice a minute and process is left out.
"""

import random
from collections.abc import Iterator

from bench import growth
from bench.effort import Effort
from bench.figure import Rounds, per_million
from bench.inprocess import MemoryStore
from ops import prices
from ops.workload import Traffic
from shared import rows
from shared.settings import WorkerSettings
from worker.lake import Lake
from worker.messages import Message
from worker.window import Group, Window

RATES = (10, 1000, 50_000)
MERGED = 2000
"""Of the groups of a window: their calls stand for those of all."""
ROWS_A_MESSAGE = 100


def measure(effort: Effort) -> Rounds:
    figures: dict[str, list[float]] = {}
    for rate in RATES:
        figures[f"s3_usd_per_million_{rate}"] = [_dollars(rate, seed) for seed in range(max(1, effort.rounds - 2))]
    return figures


def _dollars(rate: int, seed: int) -> float:
    chance = random.Random(seed)
    groups = _window(rate, chance)
    events = sum(group.received for group in groups)
    some = chance.sample(groups, min(MERGED, len(groups)))
    store = MemoryStore()
    lake = Lake(store)
    for group in some:
        lake.merge(group)
    of_all = len(groups) / len(some)
    puts, gets = (per_million(calls * of_all, events) for calls in (store.puts, store.gets))
    return prices.dollars("s3_put", puts) + prices.dollars("s3_get", gets)


def _window(rate: int, chance: random.Random) -> list[Group]:
    """Return the groups of one window at a rate."""
    defaults = WorkerSettings(queue_url="http://bench/queue", lake_bucket="bench")
    window = Window(
        flush_seconds=defaults.worker_flush_seconds,
        flush_rows=defaults.worker_flush_rows,
        flush_bytes=defaults.worker_flush_bytes,
    )
    for now, message in _arrivals(rate, chance):
        due_at = window.due_at()
        if due_at is not None and due_at <= now:
            return window.take(now)
        window.add(message, now)
    raise AssertionError("arrivals never end")


def _arrivals(rate: int, chance: random.Random) -> Iterator[tuple[float, Message]]:
    traffic = Traffic(events_per_day=1)
    users = round(rate * traffic.session_seconds / traffic.events_per_user_day)
    each = min(ROWS_A_MESSAGE, max(1, rate // 10))
    for number in range(10**6):
        content = [rows.parse(growth.line(chance.randrange(users), chance)) for _ in range(each)]
        yield number * each / rate, Message(f"m{number}", f"r{number}", content)
