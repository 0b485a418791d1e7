"""Where a workload breaks first: the events a second at which each limit of AWS is reached. Pure."""

from collections.abc import Callable, Mapping

from ops import usage
from ops.usage import Usage
from ops.workload import DAY, Workload

SHARDS = 16
"""Prefixes of the lake: `shard=<h>` in shared/keys.py."""
PUTS = 3_500 * SHARDS
"""Objects a second."""
CAPS: Mapping[str, tuple[float, Callable[[Usage], float]]] = {
    "PUTs: 3,500 a second and prefix, 16 prefixes": (PUTS, lambda used: used.writes),
    "messages in flight: 120,000 a queue": (120_000, lambda used: 2 * used.in_flight),  # a window's end, not its mean
}
"""docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html,
docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html (looked up 2026-11-23)."""
MOST = 1e8
"""Events a second past which nobody asks."""


def breaks_at(workload: Workload) -> dict[str, float]:
    """Return the events a second at which each limit is reached, to 0.1 %, or `MOST`."""
    queues = workload.tuning.queues
    return {name: _reached(workload, cap * (queues if "queue" in name else 1), of) for name, (cap, of) in CAPS.items()}


def at(workload: Workload, events_per_second: float) -> Workload:
    """Return the same with so many events a second, from as many more users."""
    return workload.scaled(events_per_second * DAY / workload.traffic.events_per_day)


def _reached(workload: Workload, cap: float, of: Callable[[Usage], float]) -> float:
    low, high = 1.0, MOST
    while high / low > 1.001:  # noqa: PLR2004  # 0.1 %
        middle = (low * high) ** 0.5
        if of(usage.use(at(workload, middle))) < cap:
            low = middle
        else:
            high = middle
    return low
