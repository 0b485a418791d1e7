"""Queue messages as the worker holds them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from shared import events, packing, rows, strict_json
from shared.errors import Refused, Undecodable
from shared.events import Reception
from shared.queue import Received
from shared.rows import Row

QUEUE_SOURCE = "queue"
"""The source of an event that another producer put into the queue."""
ROW_OVERHEAD_BYTES = 600
"""What a row costs in memory beside its line: 550 measured with tracemalloc, 100,000 rows of 20,000 objects."""
MESSAGE_OVERHEAD_BYTES = 1000
"""What a held message costs beside its rows: 930 measured, 20,000 of one row with receipt handles of 400 bytes."""


@dataclass(eq=False, slots=True)
class Message:
    """A message that is held until every object that its rows belong to is durable."""

    message_id: str
    receipt_handle: str
    rows: list[Row]
    receive_count: int = 1
    pending: set[str] = field(default_factory=set)
    spoiled: bool = False
    size: int = 0
    oldest: str | None = None

    def __post_init__(self) -> None:
        self.size = MESSAGE_OVERHEAD_BYTES + sum(len(row.line) + ROW_OVERHEAD_BYTES for row in self.rows)
        self.oldest = self.rows[0].received_at if self.rows else None
        self.pending = {row.key for row in self.rows}

    def settle(self, key: str, *, durable: bool) -> bool:
        """Note that one of its objects is done with; return whether that was the last one."""
        self.spoiled |= not durable
        self.pending.discard(key)
        return not self.pending


def decode(received: Received) -> Message:
    """Read the rows of a message: packed ones, or one event as any other producer may write it. Raises Undecodable."""
    try:
        content = [rows.parse(line) for line in packing.unpack(received.body)]
    except Undecodable as not_packed:
        content = [rows.parse(_event_line(received, not_packed))]
    if not content:
        raise Undecodable("a message of no rows")
    return Message(received.message_id, received.receipt_handle, content, received.receive_count)


def _event_line(received: Received, not_packed: Undecodable) -> bytes:
    """Normalise a foreign event. Time and id come from the queue, so that a redelivery gives the same row."""
    try:
        document = strict_json.loads(received.body.encode())
        if not isinstance(document, dict) or "touchlake" in document:
            raise not_packed
        sent_at = datetime.fromtimestamp(received.sent_ms / 1000, UTC)
        return events.normalise(document, Reception(sent_at, QUEUE_SOURCE), received.message_id)
    except Refused as refusal:
        raise Undecodable(f"not an event: {refusal.reason}") from None
