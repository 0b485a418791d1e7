"""POSTs of one event, beside a route that does nothing with them."""

from collections.abc import Sequence

from bench import bare, cores, processes, samples, stub, wrk
from bench.effort import Effort
from bench.figure import Rounds, ratios
from bench.queue import Queue
from bench.wrk import Load
from ops.stack import Process

CONNECTIONS = 512
"""Enough to keep the API busy: it does not wait for more when all of them wait for their answers."""
UNLIMITED = {"API_SOURCE_EVENTS_PER_SECOND": "0"}
"""The limit of one source is a protection, not a speed."""
EVENTS = 2000
LEAST_SECONDS = 2
"""Of which the connections take a part."""


def measure(effort: Effort) -> Rounds:
    events, seconds = samples.events(EVENTS), max(LEAST_SECONDS, effort.seconds)
    with (
        stub.running(Queue(keeps=False).answer) as sqs,
        processes.api(sqs, **UNLIMITED) as (ours, url),
        processes.running(bare.__name__, sqs) as theirs,
    ):
        bare_url = theirs.announced("listening", "url")
        for warm in (bare_url, url):
            saturate(warm, events, 1)
        singles, bares = [], []
        for _ in range(effort.rounds):
            bares.append(_busy(theirs, bare_url, events, seconds))
            singles.append(_busy(ours, url, events, seconds))
    per_second, bare_per_second = _rates(singles), _rates(bares)
    return {
        "single_vs_bare": ratios(per_second, bare_per_second),
        "single_per_second": per_second,
        "bare_per_second": bare_per_second,
        "single_core_busy": [busy for _, busy in singles],
        "bare_core_busy": [busy for _, busy in bares],
        "generator_core_busy": [load.busy for load, _ in bares],
    }


def saturate(url: str, events: Sequence[bytes], seconds: float) -> Load:
    """POST single events as fast as they are answered."""
    return wrk.post(f"{url}/v1/events", events, connections=CONNECTIONS, seconds=seconds, key=processes.KEY)


def _busy(process: Process, url: str, events: Sequence[bytes], seconds: float) -> tuple[Load, float]:
    """Return the load and how much of its core the process used: 1 where nothing else held it up."""
    used = cores.cpu_seconds(process.popen.pid)
    load = saturate(url, events, seconds)
    used = cores.cpu_seconds(process.popen.pid) - used
    return load, used * load.per_second / load.requests


def _rates(loads: Sequence[tuple[Load, float]]) -> list[float]:
    return [load.per_second for load, _ in loads]
