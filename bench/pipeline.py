"""API, SQS and worker together on LocalStack: from the first POST until every event is in S3.

Both get POSTs of one event from 256 connections. Our window is due when it has all of them. LocalStack is not pinned,
and is one process of Python: what it can do a second bounds both, ours by S3 calls, the afternoon's by SQS calls too.
"""

import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from localstack_client.session import Session

from bench import afternoon, processes, samples, wrk
from bench.backlog import mixed
from bench.effort import Effort
from bench.figure import Rounds, ratios
from ops import local, stack
from ops.local import Provision

EVENTS = 8_000
ROWS_AN_OBJECT = 10
SHARE_OF_PEER = 0.08
CONNECTIONS = 256
SECONDS = 120


def measure(effort: Effort) -> Rounds:
    events = effort.size(EVENTS)
    few = round(events * SHARE_OF_PEER)
    rounds = max(1, effort.rounds - 2)
    ours, theirs = [], []
    with (
        _running("api", "worker", WORKER_FLUSH_ROWS=str(events)) as (url, made),
        _running(afternoon.__name__, afternoon.__name__) as (peer_url, peer_made),
    ):
        for number in range(rounds + 1):
            users = range(number * events, number * events + events // ROWS_AN_OBJECT)
            sent = mixed(samples.user_days(users, ROWS_AN_OBJECT))
            theirs.append(few / _through(peer_url, peer_made, sent[:few]))
            ours.append(events / _through(url, made, sent))
    return {
        "pipeline_vs_afternoon": ratios(ours[1:], theirs[1:]),
        "pipeline_events_per_second": ours[1:],
        "pipeline_afternoon_events_per_second": theirs[1:],
    }


def _through(url: str, made: Provision, events: Sequence[bytes]) -> float:
    """Return the seconds from the first POST until every event is deleted from the queue, so in S3."""
    began = time.monotonic()
    wrk.post_once(f"{url}/v1/events", events, connections=CONNECTIONS, seconds=SECONDS, key=processes.KEY)
    stack.wait_for(lambda: local.backlog(made.queue_url) == 0, SECONDS, "events are left in the queue")
    return time.monotonic() - began


@contextmanager
def _running(api: str, worker: str, **settings: str) -> Iterator[tuple[str, Provision]]:
    """Run an API and a worker with a queue and a bucket of their own; yield the API's URL."""
    made = local.provision(f"bench-{uuid.uuid4().hex[:8]}")
    variables = {
        **local.environment(),
        "QUEUE_URL": made.queue_url,
        "LAKE_BUCKET": made.bucket,
        **settings,
    }
    url = variables.pop("AWS_ENDPOINT_URL")
    try:
        with (
            processes.running(worker, url, ROLE="worker", **variables) as ours,
            processes.running(api, url, ROLE="api", **variables) as front,
        ):
            ours.announced("started", "event")
            yield front.announced("listening", "url"), made
    finally:
        for queue_url in (made.queue_url, made.dead_letter_url):
            Session().client("sqs").delete_queue(QueueUrl=queue_url)
