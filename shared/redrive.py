"""A queue's dead-letter queue, and SQS's own way of moving messages back from there."""

from typing import TYPE_CHECKING, NamedTuple, Protocol

import orjson
from botocore.exceptions import ClientError

from shared.errors import QueueUnavailable
from shared.queue import Queue, SqsQueue, translated

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class Move(NamedTuple):
    """How far a move is. `state` is one of SQS's: RUNNING, COMPLETED, CANCELLING, CANCELLED, FAILED."""

    state: str
    moved: int
    total: int

    @property
    def is_over(self) -> bool:
        return self.state in ("COMPLETED", "CANCELLED", "FAILED")


class Redrive(Protocol):
    """A queue and its dead-letter queue. Every method raises QueueUnavailable."""

    @property
    def main(self) -> Queue: ...

    @property
    def dead(self) -> Queue: ...

    def count(self) -> int:
        """Return about how many dead messages there are, those that somebody looks at included."""

    def start_move(self) -> bool:
        """Have SQS move every visible message back; return whether it does that (not every server can).

        A moved message gets a new id and a new time (the SQS developer guide on dead-letter queue redrive).
        """

    def progress(self) -> Move:
        """Return how far the newest move is."""


class SqsRedrive:
    """Redrive over boto3."""

    def __init__(self, client: "SQSClient", queue_url: str) -> None:
        self._client = client
        self._main_arn, policy = self._describe(queue_url)
        self._dead_arn = str(orjson.loads(policy)["deadLetterTargetArn"])
        account, name = self._dead_arn.rsplit(":", 2)[1:]
        with translated():
            found = client.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)
        self._dead_url = found["QueueUrl"]
        self.main = SqsQueue(client, queue_url)
        self.dead = SqsQueue(client, self._dead_url)

    def count(self) -> int:
        with translated():
            answer = self._client.get_queue_attributes(
                QueueUrl=self._dead_url,
                AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
            )
        return sum(map(int, answer["Attributes"].values()))

    def start_move(self) -> bool:
        with translated():
            try:
                self._client.start_message_move_task(SourceArn=self._dead_arn, DestinationArn=self._main_arn)
            except ClientError:
                return False
        return True

    def progress(self) -> Move:
        with translated():
            (task, *_) = self._client.list_message_move_tasks(SourceArn=self._dead_arn)["Results"]
        total = task.get("ApproximateNumberOfMessagesToMove", 0)
        return Move(task.get("Status", "RUNNING"), task.get("ApproximateNumberOfMessagesMoved", 0), total)

    def _describe(self, queue_url: str) -> tuple[str, str]:
        with translated():
            answer = self._client.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn", "RedrivePolicy"])
        attributes = answer["Attributes"]
        if "RedrivePolicy" not in attributes:
            raise QueueUnavailable(f"{queue_url} has no dead-letter queue: its RedrivePolicy is not set")
        return attributes["QueueArn"], attributes["RedrivePolicy"]
