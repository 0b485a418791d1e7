"""The same product as a good engineer writes it in an afternoon: the peer that Touchlake has to beat.

boto3 alone, one event a message; the worker writes one object for each user and date of a receive, and deletes
afterwards. Threads, batches of deletes and reused clients are there, since a good engineer adds them. What is not:
packing, windows, merging, so nothing is exactly once, and the lake is many small objects.

`python -m bench.afternoon`, with TOUCHLAKE_ROLE=api or worker, TOUCHLAKE_QUEUE_URL and TOUCHLAKE_LAKE_BUCKET.
"""

import hmac
import os
import threading
import uuid
from collections import defaultdict
from typing import Any

import boto3
import orjson
import uvicorn
from botocore.config import Config
from pydantic import BaseModel, ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from api.server import Server
from shared import logs

THREADS = 16
"""Of the worker: more do not help it on one core."""


class Event(BaseModel):
    messageId: str  # noqa: N815  # its name on the wire
    userId: str  # noqa: N815
    event: str
    timestamp: str
    properties: dict[str, Any] = {}
    context: dict[str, Any] = {}


def client(service: str) -> Any:
    config = Config(max_pool_connections=64, retries={"mode": "standard"})
    session: Any = boto3.session.Session()
    return session.client(service, region_name="us-east-1", config=config)


def create_app(sqs: Any, queue_url: str, keys: set[str]) -> Starlette:
    async def post(request: Request) -> JSONResponse:
        key = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not any(hmac.compare_digest(key.encode(), known.encode()) for known in keys):
            return JSONResponse({"error": "unknown key"}, 401)
        try:
            event = Event.model_validate_json(await request.body())
        except ValidationError as error:
            return JSONResponse({"error": str(error)}, 422)
        await run_in_threadpool(sqs.send_message, QueueUrl=queue_url, MessageBody=event.model_dump_json())
        return JSONResponse({"accepted": 1}, 202)

    return Starlette(routes=[Route("/v1/events", post, methods=["POST"])])


def work(sqs: Any, s3: Any, queue_url: str, bucket: str) -> None:
    """Receive, write and delete, for ever."""
    while True:
        answer = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=20)
        messages = answer.get("Messages", [])
        groups = defaultdict(list)
        for message in messages:
            event = orjson.loads(message["Body"])
            groups[event["userId"], event["timestamp"][:10]].append(message["Body"])
        for (user, date), bodies in groups.items():
            key = f"events/date={date}/user={user}/{uuid.uuid4()}.jsonl"
            s3.put_object(Bucket=bucket, Key=key, Body="\n".join(bodies).encode())
        if messages:
            entries = [{"Id": str(n), "ReceiptHandle": each["ReceiptHandle"]} for n, each in enumerate(messages)]
            sqs.delete_message_batch(QueueUrl=queue_url, Entries=entries)


def main() -> None:
    role, queue_url, bucket = (os.environ[f"TOUCHLAKE_{name}"] for name in ("ROLE", "QUEUE_URL", "LAKE_BUCKET"))
    logs.configure(f"afternoon-{role}", "INFO")
    sqs = client("sqs")
    if role == "api":
        keys = {pair.partition(":")[0] for pair in os.environ["TOUCHLAKE_WRITE_KEYS"].split(",")}
        config = uvicorn.Config(create_app(sqs, queue_url, keys), port=0, log_config=None, access_log=False)
        Server(config, threading.Event(), drain_seconds=0).run()
    s3 = client("s3")
    workers = [threading.Thread(target=work, args=(sqs, s3, queue_url, bucket), daemon=True) for _ in range(THREADS)]
    for thread in workers:
        thread.start()
    logs.get().info("started", threads=THREADS)
    for thread in workers:
        thread.join()


if __name__ == "__main__":
    main()
