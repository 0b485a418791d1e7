"""A backlog of events worked off: by our worker, packed; by an afternoon's worker, one event a message.

Same events, S3 server and core. Five rows of each object are in our window (`worker_vs_afternoon`), or one: what is
left of the factor when no two events of a user's day meet (`worker_vs_afternoon_1`).
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
    five, one, peer = [], [], []
    with (
        seaweed.running() as s3,
        stub.running(queue.answer) as sqs,
        stub.running(peer_queue.answer) as peer_sqs,
        processes.running(
            "worker", sqs, AWS_ENDPOINT_URL_S3=s3, WORKER_FLUSH_SECONDS="0.5", WORKER_FLUSH_ROWS=str(events)
        ) as ours,
        processes.running(afternoon.__name__, peer_sqs, AWS_ENDPOINT_URL_S3=s3, ROLE="worker") as theirs,
    ):
        ours.announced("started", "metrics_url")
        theirs.announced("started", "threads")
        for number in range(effort.rounds + 1):
            sent = mixed(samples.user_days(range(number * events, number * events + events // 5), 5))
            singly = mixed(samples.user_days(range(10**7 + number * few, 10**7 + (number + 1) * few), 1))
            peer.append(few / drain(peer_queue, [event.decode() for event in sent[:few]]))
            five.append(events / drain(queue, samples.messages(samples.lines(sent))))
            one.append(few / drain(queue, samples.messages(samples.lines(singly))))
    five, one, peer = five[1:], one[1:], peer[1:]  # the first round warms up
    return {
        "worker_vs_afternoon": ratios(five, peer),
        "worker_vs_afternoon_1": ratios(one, peer),
        "worker_events_per_second": five,
        "afternoon_events_per_second": peer,
    }


def mixed(events: list[bytes]) -> list[bytes]:
    """Return events as they come when many users are about."""
    return random.Random(1).sample(events, len(events))
