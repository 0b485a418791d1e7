"""Metrics of running processes, read as an operator's dashboard would."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

import httpx
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families


def total(urls: Sequence[str], name: str) -> float:
    """Return the sum of a counter or gauge over processes and labels."""
    return sum(sample.value for family in _families(urls) for sample in family.samples if sample.name == name)


def quantiles(urls: Sequence[str], histogram: str, shares: Sequence[float]) -> list[float]:
    """Return quantiles of a histogram over processes, interpolated within a bucket as Prometheus does."""
    below: Counter[float] = Counter()
    for family in _families(urls):
        for sample in family.samples:
            if sample.name == f"{histogram}_bucket":
                below[float(sample.labels["le"])] += int(sample.value)
    return [_quantile(sorted({0.0: 0, **below}.items()), share) for share in shares]


def _quantile(below: list[tuple[float, int]], share: float) -> float:
    rank = share * below[-1][1]
    for (low, count_low), (high, count_high) in pairwise(below):
        if count_high >= rank and count_high > count_low:
            return low if high == float("inf") else low + (high - low) * (rank - count_low) / (count_high - count_low)
    return float("nan")


def _families(urls: Sequence[str]) -> Iterator[Metric]:
    for url in urls:
        yield from text_string_to_metric_families(httpx.get(url, timeout=5).raise_for_status().text)
