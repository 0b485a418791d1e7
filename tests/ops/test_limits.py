from dataclasses import replace

import pytest

from ops import limits, usage
from ops.workload import Traffic, Tuning, Workload
from shared import keys

ONE_WRITE = Workload(Traffic(1e7, events_per_user_day=10, events_per_post=10))
"""One POST a user-day: an object written for every 10 events, whatever the workers."""
PUTS, IN_FLIGHT = limits.CAPS


def test_the_lake_has_as_many_prefixes_as_the_limit_counts() -> None:
    prefixes = {keys.events(f"user-{number}", None, "2026-11-22").split("/")[1] for number in range(1_000)}

    assert len(prefixes) == limits.SHARDS


def test_puts_break_at_56_000_objects_a_second() -> None:
    """16 x 3,500 = 56,000 objects of 10 events each: 560,000 events/s."""
    assert limits.breaks_at(ONE_WRITE)[PUTS] == pytest.approx(560_000, rel=0.002)


def test_messages_in_flight_break_at_120_000() -> None:
    """Messages full of rows: 194,560 / 360 = 540 rows, each held 300 s: 120,000 / 300 x 540 = 216,178 events/s."""
    full = replace(ONE_WRITE, tuning=Tuning(flush_seconds=300, flush_rows=10**9, flush_bytes=2**40, linger_seconds=10))

    assert limits.breaks_at(full)[IN_FLIGHT] == pytest.approx(216_178, rel=0.01)


def test_more_queues_let_more_be_in_flight() -> None:
    def breaks(queues: int) -> float:
        return limits.breaks_at(Workload(Traffic(1e7), Tuning(queues=queues)))[IN_FLIGHT]

    assert breaks(4) > 2 * breaks(1)


def test_just_below_a_limit_it_holds_and_just_above_it_does_not() -> None:
    workload = Workload(Traffic(1e7))
    broken_at = limits.breaks_at(workload)[PUTS]

    assert usage.use(limits.at(workload, broken_at * 0.99)).writes < 56_000
    assert usage.use(limits.at(workload, broken_at * 1.01)).writes > 56_000
