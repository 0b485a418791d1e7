"""Calls, worked out by hand beside each test."""

import random
from dataclasses import replace
from heapq import heappop, heappush
from itertools import accumulate, pairwise

import pytest

from api import linger, outbox
from ops import usage
from ops.workload import Sizes, Speed, Traffic, Tuning, Workload
from worker import consumer, poller

DAY = 86_400


def make_workload(traffic: Traffic | None = None, tuning: Tuning | None = None) -> Workload:
    return Workload(traffic or Traffic(10 * DAY), tuning or Tuning())


def test_the_numbers_of_the_parts_are_those_of_the_parts() -> None:
    assert usage.QUIET_SHARE == linger.QUIET_SHARE
    assert usage.QUIET_DISTANCES == linger.QUIET_DISTANCES
    assert usage.SEAL_REQUESTS == outbox.SEAL_REQUESTS
    assert usage.SEAL_BYTES == outbox.SEAL_BYTES
    assert usage.GATHER_SHARE == consumer.GATHER_SHARE


def test_a_parcel_waits_for_its_first_post_and_then_for_a_gap() -> None:
    """20 POSTs a second over 2 tasks are 100 ms apart, and 10 ms of linger end after 2.5 ms without one: that takes
    100 x (e^0.025 - 1) = 2.53 ms, so 1 / 0.10253 s = 9.753 messages a task.
    """
    used = usage.use(make_workload(Traffic(20 * DAY), Tuning(linger_seconds=0.01, api_tasks=2)))

    assert used.posts == pytest.approx(20)
    assert used.messages == pytest.approx(2 * 9.753, rel=1e-3)
    assert used.rows_per_message == pytest.approx(20 / (2 * 9.753), rel=1e-3)


def test_under_load_a_parcel_waits_the_whole_linger_time() -> None:
    """1,000 POSTs a second, 1 ms apart: 20 ms without one never come in 150 ms, so 1 / 0.151 s = 6.62 a second."""
    assert usage.wait_seconds(0.15, 0.001) == pytest.approx(0.15)
    assert usage.parcels(0.15, 1_000) == pytest.approx(6.62, abs=0.01)


def test_a_parcel_is_sealed_when_it_is_full() -> None:
    """10,000 POSTs a second by 256 are 39.06 parcels. 20,000 rows of 360 bytes by 1 MiB are 6.87."""
    by_posts = usage.use(make_workload(Traffic(10_000 * DAY), Tuning(api_tasks=1, load=1)))
    large = Traffic(20_000 * DAY, events_per_post=100, events_per_user_day=100)
    workload = make_workload(large, Tuning(api_tasks=1, load=1))

    assert by_posts.messages == pytest.approx(39.06, abs=0.01)
    assert usage._task_parcels(workload, posts=200) == pytest.approx(6.87, abs=0.01)


@pytest.mark.parametrize("longest", [0.01, 0.2, 1.0])
@pytest.mark.parametrize("posts", [0.2, 1, 2, 4, 6, 8, 10, 12, 16, 20, 80, 1_000, 10_000])
def test_parcels_are_as_many_as_the_linger_itself_makes(longest: float, posts: float) -> None:
    """POSTs at random, from one in five linger times to 10,000 in one: from all alone to parcels full of them."""
    a_second = posts / longest
    arrivals = at_random(a_second, count=20_000)

    assert usage.parcels(longest, a_second) == pytest.approx(sealed(arrivals, longest) / arrivals[-1], rel=0.04)


def at_random(a_second: float, count: int) -> list[float]:
    chance = random.Random(1)
    return list(accumulate(chance.expovariate(a_second) for _ in range(count)))


def sealed(arrivals: list[float], longest: float) -> int:
    """Return how many parcels the API's own linger makes of these times, with a clock that is never late."""
    waits, parcels, count = linger.Linger(longest), 0, 0
    for now, following in pairwise([*arrivals, float("inf")]):
        waits.arrive(now)
        count += 1
        if count == outbox.SEAL_REQUESTS or waits.due_at() <= following:
            waits.end()
            parcels, count = parcels + 1, 0
    return parcels


def test_requests_of_sqs_by_hand() -> None:
    """19.51 messages a second, each sent alone, deleted by tens, none held past half of its timeout. 2 pollers pause
    for 3 s after a receive of few, which takes 15 ms: 1.951 receives of ten and 2 / 3.015 s = 0.663 of few.
    """
    used = usage.use(make_workload(Traffic(20 * DAY), Tuning(linger_seconds=0.01, api_tasks=2)))

    assert used.send_units == pytest.approx(19.51, abs=0.01)
    assert used.receive_units == pytest.approx(1.951 + 0.663, abs=0.001)
    assert used.deletes == pytest.approx(1.951, abs=0.001)
    assert used.extensions == 0
    assert used.sqs_requests == pytest.approx(24.07, abs=0.01)


def test_a_call_of_more_than_64_kib_is_billed_by_its_bytes() -> None:
    """1,000 events of 940 + 60 bytes a second in one task, packed 2:1, are 500,000 bytes and envelopes of 400."""
    traffic = Traffic(1_000 * DAY, event_bytes=940, events_per_post=1_000, events_per_user_day=1_000)
    used = usage.use(replace(make_workload(traffic, Tuning(api_tasks=1, linger_seconds=0.1)), sizes=Sizes(packing=2)))

    assert used.messages == pytest.approx(1_000_000 / 194_560)  # more than the 0.98 parcels: by bytes
    assert used.send_units == pytest.approx((500_000 + used.messages * 400) / 65_536)
    assert used.sends < used.send_units


def test_an_idle_worker_polls_every_20_seconds() -> None:
    """2 pollers of one worker: 0.1 calls a second, and the message that comes every 1,000 s ends one half-way."""
    used = usage.use(make_workload(Traffic(86.4), Tuning(pollers=2, poll_seconds=20)))

    assert used.messages == pytest.approx(0.001, rel=1e-3)
    assert used.receives == pytest.approx(0.1 + 0.001 / 2, rel=1e-3)


@pytest.mark.parametrize("pollers", [2, 4, 20])
@pytest.mark.parametrize("messages", [0.05, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100])
def test_receives_are_at_most_a_third_fewer_than_the_model_says(messages: float, pollers: int) -> None:
    made = received(messages, pollers, seconds=max(1_000, 3_000 / messages))

    modelled = usage._receives(make_workload(tuning=Tuning(pollers=pollers)), messages, workers=1)

    assert 0.93 * made < modelled < 1.5 * made


def received(messages: float, pollers: int, seconds: float) -> float:
    """Return the receives a second of pollers that take 10 messages at most, and pause for 3 s after few."""
    chance, now, waiting, receives = random.Random(1), 0.0, 0, 0
    arrival = chance.expovariate(messages)
    asks = [(0.0, 0.0, number) for number in range(pollers)]
    """When a poller is next given something or, after 20 s, nothing; when it asked; and who it is."""
    while now < seconds:
        now, since, number = heappop(asks)
        while arrival <= now:
            waiting, arrival = waiting + 1, arrival + chance.expovariate(messages)
        if not waiting and now < since + 20:
            heappush(asks, (min(arrival, since + 20), since, chance.randrange(10**6)))
            continue
        batch = min(waiting, 10)
        waiting, receives = waiting - batch, receives + 1
        back = now + 0.015 + (3 if 0 < batch <= poller.FEW_MESSAGES else 0)
        heappush(asks, (back, back, number))
    return receives / now


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
    """64 writers and 0.2 s a GET and PUT: 320 objects/s. Or 0.4 ms + 5 rows x 6.8 us + 4.1 us of CPU."""
    workload = make_workload()

    assert usage.worker_objects(workload, writes=10) == pytest.approx(320)
    quick = replace(workload, speed=Speed(s3_seconds=0.001))
    assert usage.worker_objects(quick, writes=10) == pytest.approx(1 / (0.4e-3 + 34e-6 + 4.1e-6))


def test_a_worker_that_is_alone_reads_nothing() -> None:
    """10 events/s are no work for one worker; two share a queue, unless each has its own."""

    def reads_a_write(tuning: Tuning) -> float:
        used = usage.use(make_workload(tuning=tuning))
        return used.reads / used.writes

    assert reads_a_write(Tuning(workers=1)) == 0
    assert reads_a_write(Tuning(workers=2)) == 1
    assert reads_a_write(Tuning(workers=2, queues=2)) == 0


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
