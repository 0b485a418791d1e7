"""A little queue in memory that answers as SQS does, and counts what SQS would bill.

A message that is received stays in flight until it is deleted or given back: visibility timeouts never run out here,
since no measurement lasts that long.
"""

import itertools
import threading
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ops.usage import BILLED_BYTES

RECEIVE = 10
Answer = dict[str, Any]


@dataclass
class Queue:
    """Thread-safe. `keeps` is false where only the sending is measured."""

    keeps: bool = True
    waiting: deque[str] = field(default_factory=deque)
    in_flight: dict[str, str] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    billed: int = 0
    deleted: int = 0
    first_receive: float | None = None
    last_delete: float = 0
    changed: threading.Condition = field(default_factory=threading.Condition)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def answer(self, operation: str, arguments: Answer) -> Answer:
        """Do what SQS would do; `operation` is its name there."""
        with self.changed:
            entries = arguments.get("Entries", [])
            match operation:
                case "SendMessageBatch":
                    answer = self._send([entry["MessageBody"] for entry in entries])
                case "SendMessage":
                    answer = self._send([arguments["MessageBody"]])
                case "ReceiveMessage":
                    return self._receive(arguments)
                case "DeleteMessageBatch":
                    answer = self._delete([entry["ReceiptHandle"] for entry in entries])
                case "ChangeMessageVisibilityBatch":
                    answer = self._change(entries)
                case _:
                    return {"Attributes": {"QueueArn": "arn:aws:sqs:us-east-1:000000000000:bench"}}
            self._bill(operation, sum(len(entry.get("MessageBody", "")) for entry in entries))
            return answer | {"Successful": [{"Id": entry["Id"]} for entry in entries], "Failed": []}

    def put(self, bodies: Iterable[str]) -> None:
        """Have messages wait, free of charge."""
        with self.changed:
            self.first_receive = None
            self.waiting.extend(bodies)
            self.changed.notify_all()

    def wait_until_empty(self, seconds: float) -> None:
        """Return when every message is deleted. Raises TimeoutError."""
        with self.changed:
            if not self.changed.wait_for(lambda: self.is_empty, seconds):
                raise TimeoutError(f"{len(self.waiting)} messages wait and {len(self.in_flight)} are in flight")

    def wait_until_received(self, seconds: float) -> None:
        """Return when no message waits. Raises TimeoutError."""
        with self.changed:
            if not self.changed.wait_for(lambda: not self.waiting, seconds):
                raise TimeoutError(f"{len(self.waiting)} messages wait")

    @property
    def is_empty(self) -> bool:
        return not self.waiting and not self.in_flight

    def drained_in(self) -> float:
        """Return the seconds from the first receive since the last `put` to the last delete."""
        assert self.first_receive is not None
        return self.last_delete - self.first_receive

    def _send(self, bodies: list[str]) -> Answer:
        if self.keeps:
            self.waiting.extend(bodies)
            self.changed.notify_all()
        return {"MessageId": "m"}

    def _receive(self, arguments: Answer) -> Answer:
        most = arguments.get("MaxNumberOfMessages", 1)
        self.changed.wait_for(lambda: self.waiting, arguments.get("WaitTimeSeconds", 0))
        if self.waiting and self.first_receive is None:
            self.first_receive = time.monotonic()
        messages: list[Answer] = []
        while self.waiting and len(messages) < most:
            number = next(self.numbers)
            handle, body = f"{number:0400}", self.waiting.popleft()
            self.in_flight[handle] = body
            attributes = {"ApproximateReceiveCount": "1", "SentTimestamp": "1790000000000"}
            messages.append(
                {"MessageId": f"m{number}", "ReceiptHandle": handle, "Body": body, "Attributes": attributes}
            )
        if messages:
            self.changed.notify_all()
        self._bill("ReceiveMessage", sum(len(message["Body"]) for message in messages))
        return {"Messages": messages} if messages else {}

    def _delete(self, handles: list[str]) -> Answer:
        for handle in handles:
            self.deleted += self.in_flight.pop(handle, None) is not None
        self.last_delete = time.monotonic()
        self.changed.notify_all()
        return {}

    def _change(self, entries: list[Answer]) -> Answer:
        for entry in entries:
            if entry["VisibilityTimeout"] == 0 and (body := self.in_flight.pop(entry["ReceiptHandle"], None)):
                self.waiting.append(body)
        return {}

    def _bill(self, operation: str, payload: int) -> None:
        self.calls[operation] += 1
        self.billed += max(1, -(-payload // BILLED_BYTES))
