"""Waiting longer after each failure, with jitter, so that workers don't come back in step."""

import random


class Backoff:
    """Seconds to wait after the n-th failure in a row: between half and all of `first * 2**n`, up to `longest`."""

    def __init__(self, *, first: float, longest: float) -> None:
        self._first = first
        self._longest = longest
        self._failures = 0

    def after_failure(self) -> float:
        ceiling = min(self._first * 2 ** min(self._failures, 30), self._longest)
        self._failures += 1
        return random.uniform(ceiling / 2, ceiling)

    def after_success(self) -> None:
        self._failures = 0
