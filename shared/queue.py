"""The SQS queue as this project needs it: in batches, with what failed told apart from what did not."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from shared.errors import QueueUnavailable

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.literals import QueueAttributeFilterType
    from mypy_boto3_sqs.type_defs import MessageTypeDef

BATCH_ENTRIES = 10
"""Entries in one SendMessageBatch, DeleteMessageBatch or ChangeMessageVisibilityBatch, and messages in one receive."""
BATCH_BYTES = 2**20
"""Bytes of a message, and of all bodies of one SendMessageBatch."""


_BACKLOG: "Sequence[QueueAttributeFilterType]" = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)


class Received(NamedTuple):
    """A message as it came, before anything in it is believed."""

    message_id: str
    receipt_handle: str
    body: str
    receive_count: int
    sent_ms: int


class Queue(Protocol):
    """What is asked of a queue. Every method raises QueueUnavailable when the call as a whole was not confirmed."""

    def send(self, bodies: Sequence[str]) -> list[int]:
        """Send at most ten bodies; return the positions of those that were not taken."""

    def receive(self, *, wait_seconds: int, visibility_seconds: int) -> list[Received]:
        """Long-poll for at most ten messages."""

    def delete(self, receipt_handles: Sequence[str]) -> list[int]:
        """Delete at most ten messages; return the positions of those that were not deleted."""

    def change_visibility(self, receipt_handles: Sequence[str], seconds: int) -> list[int]:
        """Set the visibility timeout of at most ten messages from now on; return the positions of those that failed."""

    def check(self) -> None:
        """Return if the queue exists and answers."""

    def backlog(self) -> int:
        """Return about how many messages there are, in flight ones too. SQS may be a minute behind."""


class SqsQueue:
    """Queue over boto3. Thread-safe, as boto3's clients are."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client = client
        self._url = url

    def send(self, bodies: Sequence[str]) -> list[int]:
        with translated():
            answer = self._client.send_message_batch(
                QueueUrl=self._url,
                Entries=[{"Id": str(position), "MessageBody": body} for position, body in enumerate(bodies)],
            )
        return _open_positions(answer, len(bodies))

    def receive(self, *, wait_seconds: int, visibility_seconds: int) -> list[Received]:
        with translated():
            answer = self._client.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=BATCH_ENTRIES,
                WaitTimeSeconds=wait_seconds,
                VisibilityTimeout=visibility_seconds,
                MessageSystemAttributeNames=["ApproximateReceiveCount", "SentTimestamp"],
            )
        return [_received(message) for message in answer.get("Messages", [])]

    def delete(self, receipt_handles: Sequence[str]) -> list[int]:
        with translated():
            answer = self._client.delete_message_batch(
                QueueUrl=self._url,
                Entries=[{"Id": str(n), "ReceiptHandle": handle} for n, handle in enumerate(receipt_handles)],
            )
        return _open_positions(answer, len(receipt_handles))

    def change_visibility(self, receipt_handles: Sequence[str], seconds: int) -> list[int]:
        with translated():
            answer = self._client.change_message_visibility_batch(
                QueueUrl=self._url,
                Entries=[
                    {"Id": str(n), "ReceiptHandle": handle, "VisibilityTimeout": seconds}
                    for n, handle in enumerate(receipt_handles)
                ],
            )
        return _open_positions(answer, len(receipt_handles))

    def check(self) -> None:
        with translated():
            self._client.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])

    def backlog(self) -> int:
        with translated():
            answer = self._client.get_queue_attributes(QueueUrl=self._url, AttributeNames=_BACKLOG)
        return sum(map(int, answer["Attributes"].values()))


def batches(bodies: Sequence[str], positions: Iterable[int]) -> Iterator[list[int]]:
    """Lay bodies, named by their positions, out over as few SendMessageBatch calls as take them, in order."""
    batch: list[int] = []
    size = 0
    for position in positions:
        body_size = len(bodies[position].encode())
        if batch and (len(batch) == BATCH_ENTRIES or size + body_size > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(position)
        size += body_size
    if batch:
        yield batch


def _received(message: "MessageTypeDef") -> Received:
    attributes = message.get("Attributes", {})
    return Received(
        message["MessageId"],
        message["ReceiptHandle"],
        message["Body"],
        int(attributes.get("ApproximateReceiveCount", "1")),
        int(attributes.get("SentTimestamp", "0")),
    )


def _open_positions(answer: Any, count: int) -> list[int]:
    """Return what the answer does not confirm: a 200 can hold failed entries, and only `Successful` is a promise."""
    confirmed = {int(entry["Id"]) for entry in answer.get("Successful", [])}
    return [position for position in range(count) if position not in confirmed]


@contextmanager
def translated() -> Iterator[None]:
    """Raise what boto3 raises as QueueUnavailable."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise QueueUnavailable(str(error)) from error
