"""What SQS bills for a million events: API and worker by their defaults around a little queue that counts.

Events of 300 bytes come in POSTs of one, from clients that do not know of each other; at 50,000 a second in POSTs of
100. After a minute the worker is told to stop, which writes and deletes what it holds, so that each message was sent,
received and deleted once. One API and one worker at each rate; 10 and 1,000 a second run side by side.
"""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from bench import processes, samples, seaweed, stub, wrk
from bench.effort import Effort
from bench.figure import Rounds, per_million
from bench.queue import Queue
from bench.single import UNLIMITED
from ops import prices

EVENT_BYTES = 300
WINDOW_SECONDS = 60
"""The worker's default; a quick run has shorter ones, which changes little: deletes are made ten at a time anyway."""
RECEIVE_SECONDS = 60
LEAST_SECONDS = 6
MOST_SECONDS = 10
"""At 50,000 a second windows are full long before."""


class Rate(NamedTuple):
    events: int
    a_post: int
    connections: int


RATES = (Rate(10, 1, 16), Rate(1000, 1, 512), Rate(50_000, samples.POST_EVENTS, 64))


class Counted(NamedTuple):
    events: int
    billed: int
    per_second: float


def measure(effort: Effort) -> Rounds:
    window = max(LEAST_SECONDS, round(WINDOW_SECONDS * effort.share))
    with seaweed.running() as s3, ThreadPoolExecutor(2) as threads:
        side_by_side = list(threads.map(lambda rate: _play(rate, s3, window, window + 5), RATES[:2]))
        alone = [_play(RATES[2], s3, window, min(MOST_SECONDS, window))]
    counted = dict(zip(RATES, side_by_side + alone, strict=True))
    return _figures(counted)


def _figures(counted: Mapping[Rate, Counted]) -> Rounds:
    figures: dict[str, list[float]] = {}
    for rate, found in counted.items():
        requests = per_million(found.billed, found.events)
        figures[f"sqs_requests_per_million_{rate.events}"] = [requests]
        figures[f"sqs_usd_per_million_{rate.events}"] = [prices.dollars("sqs_request", requests)]
    return {**figures, "events_per_second_at_50000": [counted[RATES[2]].per_second]}


def _play(rate: Rate, s3: str, window: float, seconds: float) -> Counted:
    """Send at a rate for so long; return what was billed when the queue is empty and the worker has ended."""
    bodies = samples.events(2000, EVENT_BYTES) if rate.a_post == 1 else samples.posts(300, EVENT_BYTES)
    queue = Queue()
    with (
        stub.running(queue.answer) as sqs,
        processes.running("worker", sqs, AWS_ENDPOINT_URL_S3=s3, WORKER_FLUSH_SECONDS=str(window)) as worker,
        processes.api(sqs, AWS_ENDPOINT_URL_S3=s3, **UNLIMITED) as (api, url),
    ):
        worker.announced("started", "metrics_url")
        load = wrk.post(
            f"{url}/v1/events",
            bodies,
            connections=rate.connections,
            seconds=seconds,
            pause_ms=1000 * rate.connections * rate.a_post / rate.events,
            key=processes.KEY,
        )
        api.stop()  # wrk ends without an eye on its last requests, which still lie in the outbox
        queue.wait_until_received(RECEIVE_SECONDS)
        worker.stop()
        assert queue.is_empty, "the worker left messages"
        events = load.requests * rate.a_post
        return Counted(events, queue.billed, events / seconds)
