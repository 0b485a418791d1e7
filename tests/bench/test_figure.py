import pytest

from bench.figure import Figure, Goal, figure, form, per_million, ratios, worst_growth


def test_a_figure_is_the_median_of_the_rounds_with_its_spread() -> None:
    assert figure([3, 1, 9, 2, 4], Goal("x", at_least=2.5)) == Figure(3, 2.5, "x", 1, 9)


def test_a_ratio_is_taken_in_each_round() -> None:
    assert ratios([10, 30], [20, 20]) == [0.5, 1.5]


@pytest.mark.parametrize(
    ("goal", "value", "is_met", "text"),
    [
        (Goal("x", at_least=0.5), 0.5, True, "≥ 0.5"),
        (Goal("x", at_least=0.5), 0.49, False, "≥ 0.5"),
        (Goal("ms", at_most=175), 175, True, "≤ 175"),
        (Goal("ms", at_most=175), 176, False, "≤ 175"),
        (Goal("requests/s"), 1, True, ""),
    ],
)
def test_a_goal_says_whether_it_is_met(goal: Goal, value: float, is_met: bool, text: str) -> None:
    assert (goal.is_met(value), str(goal)) == (is_met, text)


def test_growth_is_the_worst_factor_between_two_sizes() -> None:
    assert worst_growth({1000: [90], 10: [1, 1, 5], 100: [10]}) == 10


def test_a_count_is_extrapolated_to_a_million() -> None:
    assert per_million(18, 60_000) == 300


@pytest.mark.parametrize(("value", "text"), [(0, "0"), (0.12345, "0.123"), (42.04, "42"), (123456.7, "123,457")])
def test_numbers_are_written_with_the_digits_that_mean_something(value: float, text: str) -> None:
    assert form(value) == text
