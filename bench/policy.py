"""Target tracking as Application Auto Scaling does it, on CloudWatch's one-minute metrics. Pure.

Its alarms: three minutes in a row above the target scale out, fifteen below nine tenths of it scale in.
"""

import math
from collections import deque
from dataclasses import dataclass

OUT_MINUTES = 3
IN_MINUTES = 15
IN_SHARE = 0.9


@dataclass(frozen=True)
class Policy:
    """Settings of one scalable target."""

    target: float
    minimum: int = 1
    maximum: int = 100
    out_cooldown: float = 60
    in_cooldown: float = 300


class TargetTracking:
    """Holds the minutes that the alarms look at, and when it last acted."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._minutes: deque[float] = deque(maxlen=IN_MINUTES)
        self._last_out = self._last_in = -math.inf

    def decide(self, metric: float, tasks: int, now: float) -> int:
        """Take the metric of one more minute; return how many tasks there should be."""
        policy = self._policy
        self._minutes.append(metric)
        wanted = max(policy.minimum, min(policy.maximum, math.ceil(tasks * metric / policy.target)))
        if wanted > tasks and self._is_high() and now - self._last_out >= policy.out_cooldown:
            self._last_out = now
            return wanted
        if wanted < tasks and self._is_low() and now - max(self._last_in, self._last_out) >= policy.in_cooldown:
            self._last_in = now
            return wanted
        return tasks

    def _is_high(self) -> bool:
        recent = list(self._minutes)[-OUT_MINUTES:]
        return len(recent) == OUT_MINUTES and min(recent) > self._policy.target

    def _is_low(self) -> bool:
        return len(self._minutes) == IN_MINUTES and max(self._minutes) < IN_SHARE * self._policy.target
