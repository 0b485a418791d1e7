from collections.abc import Iterator

import pytest

from deploy.errors import DeployError
from deploy.removal import LOOK_SECONDS, refuse_dead_letters, wait_until_empty


class Clock:
    """A clock that only waiting moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += seconds


def wait(counts: Iterator[int], clock: Clock) -> None:
    wait_until_empty(lambda: next(counts), 10, 100, clock, clock.pause)


def test_a_queue_is_empty_when_nothing_was_counted_for_a_while() -> None:
    clock = Clock()
    wait(iter([3, 0, 0, 0]), clock)

    assert clock.now == LOOK_SECONDS + 10


def test_a_count_of_none_that_was_too_early_starts_the_wait_anew() -> None:
    clock = Clock()
    wait(iter([0, 0, 2, 0, 0, 0]), clock)

    assert clock.now == 3 * LOOK_SECONDS + 10


def test_a_queue_that_nobody_empties_stops_the_removal() -> None:
    clock = Clock()

    with pytest.raises(DeployError, match="7 messages are still in the queue after 100 s"):
        wait(iter(lambda: 7, 0), clock)


def test_dead_letters_stop_the_removal() -> None:
    refuse_dead_letters(0)

    with pytest.raises(DeployError, match="4 messages are in the dead-letter queue"):
        refuse_dead_letters(4)
