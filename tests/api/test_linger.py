import random
from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.linger import QUIET_SHARE, Linger

LONGEST = 0.15


def waits(arrivals: list[float], longest: float = LONGEST) -> list[tuple[float, int]]:
    """Return the seconds and the requests of each wait, as a clock that never is late would end them."""
    linger, found = Linger(longest), []
    first, count = 0.0, 0
    for now, following in pairwise([*arrivals, float("inf")]):
        linger.arrive(now)
        first, count = (first, count + 1) if count else (now, 1)
        if linger.due_at() <= following:
            found.append((linger.due_at() - first, count))
            linger.end()
            count = 0
    return found


def at_random(a_second: float, seconds: float = 20) -> list[float]:
    chance = random.Random(1)
    return list(accumulate(chance.expovariate(a_second) for _ in range(int(a_second * seconds))))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50), st.floats(0, 1))
def test_no_request_waits_longer_than_the_longest_wait(distances: list[float], longest: float) -> None:
    found = waits(list(accumulate(distances)), longest)

    assert all(0 <= seconds <= longest + 1e-9 for seconds, _ in found)
    assert sum(count for _, count in found) == len(distances)


def test_a_request_that_stays_alone_waits_a_quarter() -> None:
    found = waits([0.0, 60.0, 120.0])

    assert [count for _, count in found] == [1] * 3
    assert [seconds for seconds, _ in found] == pytest.approx([LONGEST * QUIET_SHARE] * 3)


def test_a_thousand_requests_a_second_fill_each_wait() -> None:
    found = waits(at_random(1000))

    assert len(found) < 20 / LONGEST * 1.05


def test_bursts_of_a_steady_stream_are_not_taken_for_its_end() -> None:
    found = waits([tick / 100 + n / 10_000 for tick in range(1000) for n in range(10)])

    assert len(found) < 10 / LONGEST * 1.15


def test_clients_that_all_wait_are_not_kept_waiting_for_each_other() -> None:
    """64 clients that send as soon as they are answered, 0.1 ms apart; an answer takes 3 ms."""
    linger, now = Linger(LONGEST), 0.0
    for _ in range(20):
        for _ in range(64):
            now += 0.0001
            linger.arrive(now)
        wait = linger.due_at() - now
        linger.end()
        now += wait + 0.003

    assert wait < 0.005
