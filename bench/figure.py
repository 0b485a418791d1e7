"""A figure: the median of what several rounds measured, with the least and the most of them. Pure."""

import statistics
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

Rounds = Mapping[str, Sequence[float]]
"""What each round measured, by the name of the figure."""


class Goal(NamedTuple):
    """What a figure should be: at least or at most so much. Without a bound it only explains other figures."""

    unit: str
    at_least: float | None = None
    at_most: float | None = None

    @property
    def bound(self) -> float | None:
        return self.at_most if self.at_least is None else self.at_least

    def is_met(self, value: float) -> bool:
        return (self.at_least is None or value >= self.at_least) and (self.at_most is None or value <= self.at_most)

    def __str__(self) -> str:
        if self.bound is None:
            return ""
        return f"{'≤' if self.at_least is None else '≥'} {form(self.bound)}"


class Figure(NamedTuple):
    """As it stands in the results."""

    value: float
    goal: float | None
    unit: str
    low: float
    high: float


def figure(rounds: Sequence[float], goal: Goal) -> Figure:
    """Return the median of the rounds, and their spread."""
    return Figure(statistics.median(rounds), goal.bound, goal.unit, min(rounds), max(rounds))


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Return the ratio of each round: what both met in the same seconds, so that a busy machine slows both."""
    return [mine / other for mine, other in zip(ours, theirs, strict=True)]


def worst_growth(seconds: Mapping[int, Sequence[float]]) -> float:
    """Return the largest factor between the medians of two sizes that follow each other."""
    medians = [statistics.median(seconds[size]) for size in sorted(seconds)]
    return max(later / earlier for earlier, later in pairwise(medians))


def per_million(count: float, events: float) -> float:
    """Return what so many for so many events are for a million."""
    return count / events * 1_000_000


def form(value: float) -> str:
    """Write a number with the digits that mean something."""
    if value == 0 or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"
