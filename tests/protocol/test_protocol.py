"""The protocol under every kind of trouble at once: see docs/model.md."""

import pytest

from tests.protocol.model import Protocol, run
from tests.protocol.mutants import DeletesFirst
from tests.protocol.search import search

SCHEDULES, SEED = 10_000, 1
MUST_HAPPEN = {
    "client retries",
    "202s that got lost",
    "sends refused",
    "sends entry refused",
    "sends taken, answered 500",
    "redeliveries",
    "deliveries within timeout",
    "deliveries after the delete",
    "timeouts that ran out",
    "crashes before flush",
    "crashes before GET",
    "crashes before PUT",
    "crashes before settle",
    "crashes before delete",
    "crashes before trying again",
    "zombies that woke up",
    "reads refused",
    "reads garbled",
    "objects that fail alone",
    "conflicts (412)",
    "writes refused",
    "writes 409",
    "writes done, then 412",
    "writes done, answer cut",
    "writes on its way, timed out",
    "writes on its way, retried",
    "late writes that lost",
    "writes of the dead",
    "deletes refused",
    "deletes done in part",
    "deletes done, answered 500",
    "deletes by an old receipt",
}
"""A search in which one of these never happened would prove less than it says."""


@pytest.mark.timeout(300)
def test_no_schedule_breaks_what_is_promised() -> None:
    played = search(Protocol(), schedules=SCHEDULES, seed=SEED)

    assert not played.smallest, f"seed {SEED}:\n{played.smallest}"
    assert played.schedules == SCHEDULES
    assert not MUST_HAPPEN - played.counts.keys()


def test_on_a_calm_day_every_message_is_written_and_deleted_once() -> None:
    calm = run(b"")

    assert calm.broken is None
    assert not MUST_HAPPEN & calm.counts.keys()
    assert calm.counts["first deliveries"] == calm.counts["first requests"] == 3


def test_a_tape_plays_the_same_run_again_however_much_calm_follows() -> None:
    tape = bytes(range(255, 100, -1))

    assert run(tape, traced=True).lines == run(tape + bytes(50), traced=True).lines


def test_what_breaks_is_told_step_by_step_and_no_longer_than_needed() -> None:
    broken = search(Protocol(flusher=DeletesFirst), schedules=100, seed=1).smallest

    assert str(broken).splitlines()[1:] == [
        " API  client 1 sends a@u1 d@u2, try 1, received at :00",
        " API    SQS on m1: taken",
        "   A  receives m1 (first deliveries)",
        "   A  flushes u1 u2",
        "   A  deletes m1#1: done",
        "   ✗  m1 deleted, a@u1 not durable",
    ]
