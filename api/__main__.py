"""`python -m api`: one API process, settings from the environment."""

import math
import os
import sys
import threading
from functools import partial

import uvicorn

from api.app import create_app
from api.protocol import connect
from api.server import Server
from shared import aws, startup
from shared.objectstore import S3ObjectStore
from shared.queue import SqsQueue
from shared.settings import ApiSettings

ANSWER_SECONDS = 5
"""How long SQS may take to confirm a batch before it is sent again."""
KEEP_ALIVE_SECONDS = 75
"""Longer than a load balancer keeps an idle connection (60 s), or it may use one that is just being closed."""
SWITCH_SECONDS = 0.001
"""How long a sender waits for the event loop, several times a batch; Python's 5 ms would be felt in each answer."""


def main() -> None:
    mine, of_aws = startup.begin("api", ApiSettings, os.environ)
    queue = SqsQueue(aws.sqs(of_aws, connections=mine.api_senders + 1, answer_seconds=ANSWER_SECONDS), mine.queue_url)
    lake = S3ObjectStore(aws.lake(of_aws, mine.lake_bucket)) if mine.lake_bucket else None
    draining = threading.Event()
    config = uvicorn.Config(
        create_app(mine, queue, lake, draining.is_set),
        host=mine.api_host,
        port=mine.api_port,
        http=partial(connect, body_seconds=mine.api_body_seconds),  # type: ignore[arg-type]  # it is called
        proxy_headers=False,  # ours are read by api.client
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=math.ceil(mine.api_send_seconds) + 2 * ANSWER_SECONDS,
    )
    startup.collect_rarely()
    sys.setswitchinterval(SWITCH_SECONDS)
    Server(config, draining, mine.api_drain_seconds).run()


if __name__ == "__main__":
    main()
