"""LocalStack, as tools and tests reach it: queue, dead-letter queue and bucket. In AWS, terraform makes them."""

from dataclasses import dataclass
from typing import Any

import orjson
from botocore.exceptions import ClientError
from localstack_client import config as localstack
from localstack_client.session import Session

from shared import aws
from shared.objectstore import S3ObjectStore
from shared.settings import AwsSettings

REGION = "us-east-1"
KEY_ID = SECRET = "test"  # noqa: S105  # LocalStack takes any, and this is the one in its documentation
MAX_RECEIVES = 5
VISIBILITY_SECONDS = 120
RETENTION_SECONDS = 4 * 24 * 3600
DEAD_LETTER_RETENTION_SECONDS = 14 * 24 * 3600  # counts from the first enqueue, so longer than the queue's


@dataclass(frozen=True)
class Provision:
    """The names of what was made."""

    queue_url: str
    dead_letter_url: str
    bucket: str


def provision(
    name: str, *, visibility_seconds: int = VISIBILITY_SECONDS, max_receives: int = MAX_RECEIVES
) -> Provision:
    """Make `NAME-events`, `NAME-events-dlq` and the bucket `NAME-lake`, or find them made."""
    session = Session()
    sqs: Any = session.client("sqs")
    dead_letter_url = sqs.create_queue(
        QueueName=f"{name}-events-dlq",
        Attributes={"MessageRetentionPeriod": str(DEAD_LETTER_RETENTION_SECONDS)},
    )["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead_letter_url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    redrive = {"deadLetterTargetArn": arn, "maxReceiveCount": max_receives}
    queue_url = sqs.create_queue(
        QueueName=f"{name}-events",
        Attributes={
            "VisibilityTimeout": str(visibility_seconds),
            "MessageRetentionPeriod": str(RETENTION_SECONDS),
            "RedrivePolicy": orjson.dumps(redrive).decode(),
        },
    )["QueueUrl"]
    bucket = f"{name}-lake"
    _make_bucket(session.client("s3"), bucket)
    return Provision(queue_url, dead_letter_url, bucket)


def environment() -> dict[str, str]:
    """Return the AWS variables of a process that is to talk to LocalStack."""
    return {
        "AWS_ENDPOINT_URL": localstack.get_service_endpoint("sqs"),
        "AWS_ACCESS_KEY_ID": KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_REGION": REGION,
    }


def lake(bucket: str) -> S3ObjectStore:
    """Return a bucket on LocalStack."""
    settings = AwsSettings(region=REGION, s3_endpoint=localstack.get_service_endpoint("s3"))
    return S3ObjectStore(aws.lake(settings, bucket, {"access_key_id": KEY_ID, "secret_access_key": SECRET}))


def backlog(queue_url: str) -> int:
    """Return how many messages a queue holds, in flight ones too. Exact on LocalStack, approximate on AWS."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    sqs: Any = Session().client("sqs")
    attributes = sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=names)["Attributes"]
    return sum(int(attributes[name]) for name in names)


def _make_bucket(s3: Any, bucket: str) -> None:
    try:
        s3.create_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("BucketAlreadyOwnedByYou", "BucketAlreadyExists"):
            raise
