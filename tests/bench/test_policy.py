import pytest

from bench.policy import IN_MINUTES, OUT_MINUTES, Policy, TargetTracking


def decide(policy: Policy, metrics: list[float], tasks: int) -> list[int]:
    """Return the tasks after each minute, where what is wanted runs at once."""
    tracking, decided = TargetTracking(policy), []
    for minute, metric in enumerate(metrics):
        tasks = tracking.decide(metric, tasks, minute * 60.0)
        decided.append(tasks)
    return decided


def test_three_minutes_above_the_target_scale_out_in_proportion() -> None:
    assert decide(Policy(target=100), [250] * OUT_MINUTES, tasks=4) == [4, 4, 10]


def test_two_minutes_above_the_target_are_not_enough() -> None:
    assert decide(Policy(target=100), [250, 250, 90, 250, 250, 90], tasks=4) == [4] * 6


def test_fifteen_minutes_below_nine_tenths_scale_in() -> None:
    assert decide(Policy(target=100), [50] * IN_MINUTES, tasks=4) == [4] * 14 + [2]


def test_between_nine_tenths_and_the_target_nothing_changes() -> None:
    assert decide(Policy(target=100), [95] * 60, tasks=4) == [4] * 60


def test_cooldowns_space_out_what_is_done() -> None:
    out = decide(Policy(target=100, out_cooldown=120), [200] * 6, tasks=1)
    scaled_in = decide(Policy(target=100, in_cooldown=300), [50] * 25, tasks=8)

    assert out == [1, 1, 2, 2, 4, 4]
    assert [tasks for tasks in scaled_in if tasks != 8][:6] == [4] * 5 + [2]


@pytest.mark.parametrize(("metric", "minutes", "tasks"), [(1e9, 3, 20), (0, 15, 2)], ids=["maximum", "minimum"])
def test_minimum_and_maximum_hold(metric: float, minutes: int, tasks: int) -> None:
    assert decide(Policy(target=100, minimum=2, maximum=20), [metric] * minutes, tasks=10)[-1] == tasks
