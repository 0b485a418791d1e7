"""`python -m worker`: one worker process, settings from the environment."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import start_http_server

from shared import aws, logs, metrics, startup
from shared.journal import Journal
from shared.objectstore import S3ObjectStore
from shared.queue import SqsQueue
from shared.settings import AwsSettings, WorkerSettings
from shared.suppression import Suppression
from worker.consumer import Consumer
from worker.lake import Lake
from worker.recent import Recent
from worker.signals import stop_on_signals
from worker.visibility import HEARTBEATS


def main() -> None:
    mine, of_aws = startup.begin("worker", WorkerSettings, os.environ)
    store = S3ObjectStore(aws.lake(of_aws, mine.lake_bucket))
    suppression = Suppression(store, mine.suppress_users_s3_key)
    journal = Journal(store, every_seconds=mine.ledger_seconds)
    with stop_on_signals() as stop, _metrics_served(mine), suppression.kept_fresh(), journal.kept_written():
        startup.collect_rarely()
        lake = Lake(store, stop, suppression, journal, Recent(mine.worker_recent_bytes))
        Consumer(mine, _queue(mine, of_aws), lake).run(stop)


def _queue(mine: WorkerSettings, of_aws: AwsSettings) -> SqsQueue:
    connections = mine.worker_pollers + HEARTBEATS + 4
    client = aws.sqs(of_aws, connections=connections, answer_seconds=mine.worker_poll_seconds + 5)
    return SqsQueue(client, mine.queue_url)


@contextmanager
def _metrics_served(mine: WorkerSettings) -> Iterator[None]:
    host, port = mine.worker_metrics_host, mine.worker_metrics_port
    try:
        server, _ = start_http_server(port, host, metrics.REGISTRY)
    except OSError as error:
        logs.get().error("metrics_not_served", host=host, port=port, error=str(error))
        raise SystemExit(startup.WRONG_SETTINGS) from None
    logs.get().info("started", metrics_url=f"http://{host}:{server.server_port}/metrics")
    yield
    server.shutdown()


if __name__ == "__main__":
    main()
