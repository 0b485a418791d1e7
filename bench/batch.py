"""POSTs of 100 events, beside `orjson.loads` of the same bytes: both by the seconds of CPU that they take."""

import time
from collections.abc import Sequence

import orjson

from bench import cores, processes, samples, stub, wrk
from bench.effort import Effort
from bench.figure import Rounds, ratios
from bench.queue import Queue
from bench.single import UNLIMITED
from bench.wrk import Load

CONNECTIONS = 128
"""Some 40 fill what is sent to SQS at a time; more would only wait in line."""
LEAST_SECONDS = 2
POSTS = 50


def measure(effort: Effort) -> Rounds:
    bodies = samples.posts(POSTS)
    per_second, per_cpu_second, parsed = [], [], []
    with stub.running(Queue(keeps=False).answer) as sqs, processes.api(sqs, **UNLIMITED) as (api, url):
        _post(url, bodies, LEAST_SECONDS)
        for _ in range(effort.rounds):
            parsed.append(_parse(bodies, effort.seconds / 5))
            used = cores.cpu_seconds(api.popen.pid)
            load = _post(url, bodies, max(LEAST_SECONDS, effort.seconds))
            used = cores.cpu_seconds(api.popen.pid) - used
            per_second.append(load.per_second * samples.POST_EVENTS)
            per_cpu_second.append(load.requests * samples.POST_EVENTS / used)
    return {
        "batch_events_per_core": per_second,
        "batch_events_per_cpu_second": per_cpu_second,
        "batch_vs_orjson": ratios(per_cpu_second, parsed),
    }


def _post(url: str, bodies: Sequence[bytes], seconds: float) -> Load:
    return wrk.post(f"{url}/v1/events", bodies, connections=CONNECTIONS, seconds=seconds, key=processes.KEY)


def _parse(bodies: Sequence[bytes], seconds: float) -> float:
    """Return the events a second of CPU of `orjson.loads`."""
    with cores.pinned(cores.MEASURED):
        began, count = time.thread_time(), 0
        while time.thread_time() - began < seconds:
            for body in bodies:
                orjson.loads(body)
            count += len(bodies) * samples.POST_EVENTS
        return count / (time.thread_time() - began)
