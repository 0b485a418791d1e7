"""Faults at random, from a seed: `make faults` plays more of them."""

import pytest

from tests.faults.__main__ import play

SECONDS = 12.0


@pytest.mark.usefixtures("localstack")
@pytest.mark.parametrize("seed", range(1, 6))
def test_whatever_breaks_each_acknowledged_event_is_stored_once(seed: int) -> None:
    outcome = play(seed, SECONDS)

    assert outcome.faults == []
    assert outcome.acknowledged > 0
    assert outcome.injected.total() > 0
    assert outcome.ended["SIGKILL"] >= 2
