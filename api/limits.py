"""Limits on events a second, per source and per client address: token buckets, in this process alone."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from http import HTTPStatus

from api.problems import Problem

BURST_SECONDS = 10
"""A bucket holds as many seconds of its rate: an SDK that was offline for a while may catch up."""
MAX_BUCKETS = 100_000
"""Buckets kept, the latest used; a bucket forgotten is a full one."""


class Buckets:
    """One token bucket a name. Pure: the time is passed in, in seconds of any one clock."""

    def __init__(self, rate: float, *, most: int = MAX_BUCKETS) -> None:
        self._rate = rate
        self._capacity = max(1.0, rate * BURST_SECONDS)
        self._most = most
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, name: str, now: float) -> float:
        """Return the seconds until the bucket of a name holds a token; 0 when it does.

        A bucket may be overdrawn by one request, so that one larger than the bucket is not refused for ever.
        """
        level = self._level(name, now)
        return 0.0 if level >= 1 else (1 - level) / self._rate

    def take(self, name: str, tokens: int, now: float) -> None:
        self._levels[name] = (self._level(name, now) - tokens, now)
        self._levels.move_to_end(name)
        if len(self._levels) > self._most:
            self._levels.popitem(last=False)

    def _level(self, name: str, now: float) -> float:
        level, since = self._levels.get(name, (self._capacity, now))
        return min(self._capacity, level + (now - since) * self._rate)


class Limits:
    """The two limits of a request; a rate of 0 is none."""

    def __init__(self, *, per_source: float, per_address: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._source = Buckets(per_source) if per_source else None
        self._address = Buckets(per_address) if per_address else None

    def charge(self, source: str, address: str, events: int) -> None:
        """Count the events of a request. Raises Problem 429, and then counts nothing."""
        charged = [(buckets, name) for buckets, name in ((self._source, source), (self._address, address)) if buckets]
        if not charged:
            return
        now = self._clock()
        wait = max(buckets.wait(name, now) for buckets, name in charged)
        if wait:
            headers = {"Retry-After": str(math.ceil(wait))}
            detail = "more events a second than this source or address may send: slow down"
            raise Problem(HTTPStatus.TOO_MANY_REQUESTS, "rate_limited", detail, headers=headers)
        for buckets, name in charged:
            buckets.take(name, events, now)
