"""A backlog of events worked off: by our worker, packed; by an afternoon's worker, one event a message.

Same events, S3 server and core. All five events of a user's day are in one window of ours. Where no two of them meet,
our worker writes an object an event: `worker_new_per_second` beside `afternoon_events_per_second` is what is left then.
"""

import random

from bench import afternoon, processes, samples, seaweed, stub
from bench.effort import Effort
from bench.figure import Rounds, ratios
from bench.merging import drain
from bench.queue import Queue

EVENTS = 10_000
SHARE_OF_PEER = 0.15
"""Of the events, as the afternoon's worker takes a minute for all of them."""


def measure(effort: Effort) -> Rounds:
    events = effort.size(EVENTS)
    few = round(events * SHARE_OF_PEER)
    queue, peer_queue = Queue(), Queue()
    ours, theirs = [], []
    with (
        seaweed.running() as s3,
        stub.running(queue.answer) as sqs,
        stub.running(peer_queue.answer) as peer_sqs,
        processes.running(
            "worker", sqs, AWS_ENDPOINT_URL_S3=s3, WORKER_FLUSH_SECONDS="1", WORKER_FLUSH_ROWS=str(events)
        ) as worker,
        processes.running(afternoon.__name__, peer_sqs, AWS_ENDPOINT_URL_S3=s3, ROLE="worker") as peer,
    ):
        worker.announced("started", "metrics_url")
        peer.announced("started", "threads")
        for number in range(effort.rounds + 1):
            sent = mixed(samples.user_days(range(number * events, number * events + events // 5), 5))
            theirs.append(few / drain(peer_queue, [event.decode() for event in sent[:few]]))
            ours.append(events / drain(queue, samples.messages(samples.lines(sent))))
    ours, theirs = ours[1:], theirs[1:]  # the first round warms up
    return {
        "worker_vs_afternoon": ratios(ours, theirs),
        "worker_events_per_second": ours,
        "afternoon_events_per_second": theirs,
    }


def mixed(events: list[bytes]) -> list[bytes]:
    """Return events as they come when many users are about."""
    return random.Random(1).sample(events, len(events))
