"""`python -m worker`: one worker process, settings from the environment."""

import os
import sys

from prometheus_client import start_http_server

from shared import aws, logs, metrics, settings
from shared.errors import SettingsError
from shared.objectstore import S3ObjectStore
from shared.queue import SqsQueue
from shared.settings import AwsSettings, WorkerSettings
from worker.consumer import Consumer
from worker.lake import Lake
from worker.signals import stop_on_signals


def main() -> int:
    try:
        mine = settings.read(WorkerSettings)
    except SettingsError as error:
        print(f"touchlake worker: {error}", file=sys.stderr)  # noqa: T201  # before there is a log
        return 2
    logs.configure("worker", mine.log_level)
    for remark in settings.unknown_names(os.environ):
        logs.get().warning("unknown_setting", remark=remark)
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
    return 0


if __name__ == "__main__":
    sys.exit(main())
