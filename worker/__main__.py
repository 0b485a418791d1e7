"""`python -m worker`: one worker process, settings from the environment."""

import os

from prometheus_client import start_http_server

from shared import aws, logs, metrics, settings, startup
from shared.objectstore import S3ObjectStore
from shared.queue import SqsQueue
from shared.settings import AwsSettings, WorkerSettings
from worker.consumer import Consumer
from worker.lake import Lake
from worker.signals import stop_on_signals


def main() -> None:
    mine = startup.begin("worker", WorkerSettings, os.environ)
    aws_settings = settings.read(AwsSettings)
    with stop_on_signals() as stop:
        queue = SqsQueue(
            aws.sqs(aws_settings, connections=mine.worker_pollers + 4, answer_seconds=mine.worker_poll_seconds + 5),
            mine.queue_url,
        )
        lake = Lake(S3ObjectStore(aws.lake(aws_settings, mine.lake_bucket)), stop)
        server, _ = start_http_server(mine.worker_metrics_port, mine.worker_metrics_host, metrics.REGISTRY)
        logs.get().info("started", metrics_url=f"http://{mine.worker_metrics_host}:{server.server_port}/metrics")
        Consumer(mine, queue, lake).run(stop)
        server.shutdown()


if __name__ == "__main__":
    main()
