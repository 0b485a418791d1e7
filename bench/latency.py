"""How long a POST of one event takes at half of what the API can take, beside a bare route at the same load.

A busy machine lengthens the tail of both: what the bare route's p99 shows is not the API's.
"""

from bench import bare, processes, samples, single, stub, wrk
from bench.effort import Effort
from bench.figure import Rounds
from bench.goals import LINGER_MS
from bench.queue import Queue
from bench.wrk import Load

HALF = 0.5
CONNECTIONS = 1024
"""So many that each pauses for far longer than it waits: arrivals are those of independent clients."""
LEAST_SECONDS = 3
"""The first pauses of all connections must be over for a while."""


def measure(effort: Effort) -> Rounds:
    events = samples.events(single.EVENTS)
    seconds = max(LEAST_SECONDS, effort.seconds)
    ours, theirs, shares = [], [], []
    with (
        stub.running(Queue(keeps=False).answer) as sqs,
        processes.api(sqs, **single.UNLIMITED) as (_, url),
        processes.running(bare.__name__, sqs) as peer,
    ):
        bare_url = peer.announced("listening", "url")
        single.saturate(url, events, 1)
        waits = LINGER_MS
        for _ in range(effort.rounds):
            saturation = single.saturate(url, events, effort.seconds).per_second
            pause = 1000 * CONNECTIONS / (HALF * saturation)
            theirs.append(_post(bare_url, events, seconds, pause))
            ours.append(_post(url, events, seconds, max(1, pause - waits)))
            waits = ours[-1].p50
            shares.append(ours[-1].per_second / saturation)
    return {
        "latency_p50": [load.p50 for load in ours],
        "latency_p99": [load.p99 for load in ours],
        "latency_p99_bare": [load.p99 for load in theirs],
        "latency_load": shares,
    }


def _post(url: str, events: list[bytes], seconds: float, pause_ms: float) -> Load:
    return wrk.post(
        f"{url}/v1/events",
        events,
        connections=CONNECTIONS,
        seconds=seconds,
        pause_ms=pause_ms,
        key=processes.KEY,
    )
