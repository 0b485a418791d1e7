"""Calls, worked out by hand beside each test."""

from dataclasses import replace

import pytest

from ops import usage
from ops.workload import Sizes, Speed, Traffic, Tuning, Workload

DAY = 86_400


def make_workload(traffic: Traffic | None = None, tuning: Tuning | None = None) -> Workload:
    return Workload(traffic or Traffic(10 * DAY), tuning or Tuning())


def test_a_parcel_waits_for_its_first_post_and_then_lingers() -> None:
    """20 POSTs a second over 2 tasks: 100 ms between them, 10 ms of linger, so 1 / 0.11 s = 9.09 messages a task."""
    used = usage.use(make_workload(Traffic(20 * DAY), Tuning(linger_seconds=0.01, api_tasks=2)))

    assert used.posts == pytest.approx(20)
    assert used.messages == pytest.approx(2 / 0.11)
    assert used.rows_per_message == pytest.approx(20 * 0.11 / 2)


def test_requests_of_sqs_by_hand() -> None:
    """18.18 messages a second, each sent and received alone, deleted by tens, none held past half of its timeout."""
    used = usage.use(make_workload(Traffic(20 * DAY), Tuning(linger_seconds=0.01, api_tasks=2)))

    assert used.send_units == used.receive_units == pytest.approx(18.18, abs=0.01)
    assert used.deletes == pytest.approx(1.818, abs=0.001)
    assert used.extensions == 0
    assert used.sqs_requests == pytest.approx(38.18, abs=0.01)


def test_a_call_of_more_than_64_kib_is_billed_by_its_bytes() -> None:
    """1,000 events of 940 + 60 bytes a second in one task, packed 2:1, are 500,000 bytes and envelopes of 400."""
    traffic = Traffic(1_000 * DAY, event_bytes=940, events_per_post=1_000, events_per_user_day=1_000)
    used = usage.use(replace(make_workload(traffic, Tuning(api_tasks=1, linger_seconds=0.1)), sizes=Sizes(packing=2)))

    assert used.messages == pytest.approx(1_000_000 / 194_560)  # more than the 0.91 parcels: by bytes
    assert used.send_units == pytest.approx((500_000 + used.messages * 400) / 65_536)
    assert used.sends < used.send_units


def test_an_idle_worker_polls_every_20_seconds() -> None:
    """2 pollers of one worker: 0.1 calls a second, though a message comes only every 1,000 s."""
    used = usage.use(make_workload(Traffic(86.4), Tuning(pollers=2, poll_seconds=20)))

    assert used.messages < 0.01
    assert used.receives == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("window", "by_hand", "counted"), [(60, 7.03, 7.09), (300, 3.96, 3.95), (900, 2.15, 2.15)], ids=str
)
def test_writes_of_a_user_day_are_those_of_a_real_clickstream(window: float, by_hand: float, counted: float) -> None:
    """L / window + 1 = b bins and 8.63 balls hit b (1 - (1 - 1/b)^8.63); counted: distinct windows a user-day."""
    traffic = Traffic(1, events_per_user_day=8.63, session_seconds=1_040)

    writes = usage.writes_per_user_day(traffic, window, workers=1)

    assert writes == pytest.approx(by_hand, abs=0.02)
    assert writes == pytest.approx(counted, rel=0.02)


def test_one_post_a_day_is_written_once_whatever_the_workers() -> None:
    traffic = Traffic(1, events_per_user_day=10, events_per_post=10)

    assert usage.writes_per_user_day(traffic, 60, workers=50) == pytest.approx(1)


def test_more_workers_write_a_users_day_more_often_but_never_more_often_than_it_was_posted() -> None:
    written = [usage.writes_per_user_day(Traffic(1), 900, workers) for workers in (1, 2, 10, 1_000)]

    assert written == sorted(written)
    assert written[0] < 2.2
    assert 9.9 < written[-1] <= 10


def test_a_worker_waits_for_s3_or_computes() -> None:
    """32 writers and 0.2 s a GET and PUT: 160 objects/s. Or 0.4 ms + 5 rows x 6.8 us + 4.1 us of CPU."""
    workload = make_workload()

    assert usage.worker_objects(workload, writes=10) == pytest.approx(160)
    quick = replace(workload, speed=Speed(s3_seconds=0.001))
    assert usage.worker_objects(quick, writes=10) == pytest.approx(1 / (0.4e-3 + 34e-6 + 4.1e-6))


def test_workers_suffice_for_what_they_themselves_make_of_the_load() -> None:
    used = usage.use(make_workload(Traffic(1e9)))

    assert used.writes == pytest.approx(1e8 * used.writes_per_user_day / DAY)
    assert used.workers * 0.6 * used.worker_objects == pytest.approx(used.writes, rel=0.01)


def test_a_window_that_is_full_is_due_before_its_time() -> None:
    """10,000 events/s at one worker fill 200,000 rows in 20 s, so messages are held 10 s on average."""
    traffic = Traffic(10_000 * DAY, event_bytes=40, events_per_post=100, events_per_user_day=100)
    used = usage.use(make_workload(traffic, Tuning(workers=1_000, flush_seconds=60_000, flush_rows=200_000)))

    assert used.in_flight == pytest.approx(used.messages * 20_000 / 2)  # 1,000 workers: 10 events/s each


def test_a_message_held_for_long_is_extended() -> None:
    """Held for anything up to 180 s, extended each 60 s: a third never, a third once, a third twice: 1 on average."""
    assert usage._extensions(180, 60) == pytest.approx(1)
    assert usage._extensions(60, 60) == 0
    assert usage._extensions(90, 60) == pytest.approx(1 / 3)
