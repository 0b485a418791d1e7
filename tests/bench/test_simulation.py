"""The simulation keeps every event, and answers to more and less as the truth would."""

from collections.abc import Callable
from itertools import pairwise

import pytest

from bench.policy import Policy
from bench.scaling import MAXIMUM, build_plant, play, target
from bench.scenarios import AS_IN_AWS_EXAMPLE, DAY, OURS, OUTAGE, SCENARIOS, SPIKE, day
from bench.simulation import Backlog, Plant, Sample, Simulation
from ops import usage
from ops.workload import Traffic, Workload

PLANT = Plant(api_events=5_000, worker_events=200)
API = Policy(target=0.6, minimum=2)
HOUR = 3_600
LOAD = Workload(Traffic(1e8))
NAMED = {scenario.name: scenario for scenario in SCENARIOS}


def day_of(name: str, policy: str = "ours") -> list[Sample]:
    return play(NAMED[name], LOAD, build_plant(LOAD), maximum=MAXIMUM)[policy]


def run(
    offered: Callable[[float], float] = lambda _: 1_000,
    *,
    plant: Plant = PLANT,
    workers: Policy = Policy(target=1_200, maximum=100),  # noqa: B008  # frozen
    s3: Callable[[float], bool] = lambda _: True,
    seconds: float = 4 * HOUR,
    backlog: Backlog = OURS,
) -> list[Sample]:
    return list(Simulation(plant, API, workers, offered=offered, s3=s3, backlog=backlog).run(seconds))


def assert_kept(samples: list[Sample]) -> None:
    for sample in samples:
        assert sample.refused + sample.visible + sample.held + sample.written == pytest.approx(sample.made)
        assert min(sample.refused, sample.visible, sample.held, sample.written) >= -1e-3


@pytest.mark.parametrize("policy", ["ours", "AWS's example"])
@pytest.mark.parametrize("name", NAMED)
def test_no_event_is_lost_or_made_up_at_any_time(name: str, policy: str) -> None:
    assert_kept(day_of(name, policy))


@pytest.mark.parametrize("policy", ["ours", "AWS's example"])
@pytest.mark.parametrize("name", NAMED)
def test_written_events_stay_written(name: str, policy: str) -> None:
    written = [sample.written for sample in day_of(name, policy)]

    assert written == sorted(written)


def test_the_day_offers_what_it_says() -> None:
    assert day_of("day")[-1].made == pytest.approx(1e8, rel=0.001)


def test_on_a_quiet_day_freshness_is_a_window_and_a_scaling_step() -> None:
    worst = max(sample.freshness for sample in day_of("day"))

    assert worst <= 2 * 60


def test_the_metric_of_visible_messages_alone_lets_the_backlog_swing() -> None:
    """It is blind while workers take in more than they write; then it scales out, is blind again, and scales in.

    Ours changes the number often enough, since more load hardly makes more messages, only fuller ones: that a worker is
    missing shows in what is left over. But it shows within a minute.
    """

    def changes(samples: list[Sample]) -> int:
        return sum(one.workers != other.workers for one, other in pairwise(samples))

    def worst(samples: list[Sample]) -> float:
        return max(sample.freshness for sample in samples)

    assert changes(day_of("day", "AWS's example")) > 1.5 * changes(day_of("day"))
    assert worst(day_of("day", "AWS's example")) > 4 * worst(day_of("day"))


def test_the_spike_drains_and_the_tasks_go_again() -> None:
    samples = day_of("spike")
    later = next(sample for sample in samples if sample.time >= SPIKE.stop + HOUR)

    def on_their_way(samples: list[Sample]) -> float:
        return max(sample.visible + sample.held for sample in samples)

    assert on_their_way(samples) > 20 * on_their_way(day_of("day"))
    assert max(sample.visible for sample in samples) > 1e6
    assert later.visible < 1e6
    assert later.refused < 1
    assert later.freshness <= 3 * 60
    assert later.workers < 50


def test_while_s3_is_dead_nothing_is_written_and_afterwards_all_of_it() -> None:
    samples = day_of("outage")
    dead = [sample.written for sample in samples if sample.time in OUTAGE]
    later = next(sample for sample in samples if sample.time >= OUTAGE.stop + HOUR / 2)

    assert dead[0] == dead[-1]
    assert max(sample.freshness for sample in samples) >= 30 * 60
    assert later.freshness <= 2 * 60
    assert samples[-1].made - samples[-1].written < 0.001 * samples[-1].made


def test_in_flight_never_passes_what_sqs_allows() -> None:
    assert max(sample.in_flight for name in NAMED for sample in day_of(name)) <= 120_000.001


def test_the_in_flight_cap_bounds_what_a_window_lets_through() -> None:
    """120,000 messages of one event, each held 60 s: 2,000 events/s, however many workers there are."""
    capped = Plant(api_events=50_000, worker_events=1_000, linger_seconds=0)
    samples = run(lambda _: 10_000, plant=capped, workers=Policy(target=1, minimum=100, maximum=100), seconds=HOUR)
    rate = (samples[-1].written - samples[len(samples) // 2].written) / (HOUR / 2)

    assert rate == pytest.approx(2_000, rel=0.1)


def test_a_slow_start_refuses_more_and_is_later() -> None:
    def worst(name: str) -> tuple[float, float]:
        samples = day_of(name)
        return max(s.refused for s in samples), max(s.freshness for s in samples)

    assert worst("slow")[0] > worst("spike")[0]
    assert worst("slow")[1] > worst("spike")[1]


def test_faster_workers_are_fewer() -> None:
    def mean_workers(worker_events: float) -> float:
        target = worker_events * 0.6 * 60 / 10
        samples = run(plant=Plant(5_000, worker_events), workers=Policy(target, maximum=100))
        assert_kept(samples)
        return sum(sample.workers for sample in samples) / len(samples)

    assert mean_workers(800) < mean_workers(400) < mean_workers(200)


def test_more_load_wants_more_workers() -> None:
    def most(rate: float) -> int:
        return max(sample.workers for sample in run(lambda _: rate))

    assert most(500) < most(1_000) < most(4_000)


def test_a_count_that_lags_behind_the_wish_scales_out_on_top_of_itself() -> None:
    """By running tasks the metric stays high until they start, and each minute multiplies the wish again."""

    def most(backlog: Backlog) -> int:
        slow = Plant(api_events=5_000, worker_events=200, start_seconds=300)
        return max(sample.workers for sample in run(plant=slow, workers=Policy(600, maximum=1_000), backlog=backlog))

    assert most(Backlog(with_held=True, per_wanted=False)) > 5 * most(OURS)


def test_idle_scales_to_the_minimum() -> None:
    samples = run(lambda time: 2_000 if time < HOUR else 0)

    assert max(sample.workers for sample in samples) > 5
    assert samples[-1].workers == 1
    assert samples[-1].written == pytest.approx(samples[-1].made)


def test_the_target_is_what_a_worker_writes_in_a_window_at_the_load_that_is_wanted() -> None:
    """200 events a second in messages of 117 rows are 1.71 messages; 60 % of 60 s of them are 62."""
    rows = usage.use(LOAD).rows_per_message

    assert rows == pytest.approx(117, abs=0.5)
    assert target(LOAD, PLANT) == pytest.approx(62, abs=0.5)


def test_the_day_of_the_clickstream_has_the_asked_mean() -> None:
    rate = day(100)
    mean = sum(rate(time) for time in range(0, DAY, 60)) / (DAY / 60)

    assert mean == pytest.approx(100)
    assert rate(12.5 * HOUR) > 1.5 * 100
    assert rate(3.5 * HOUR) < 20
    assert AS_IN_AWS_EXAMPLE != OURS
