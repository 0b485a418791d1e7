"""What the body of a queue message says: packed rows, or one event as any other producer may write it."""

from datetime import UTC, datetime

from shared import events, packing, rows, strict_json
from shared.errors import Refused, Undecodable
from shared.events import Reception
from shared.queue import Received
from shared.rows import Row

QUEUE_SOURCE = "queue"
"""The source of an event that another producer put into the queue."""


def read(received: Received) -> list[Row]:
    """Return the rows of a message. Raises Undecodable.

    A foreign event takes what it lacks of id and time from the queue, so that a redelivery gives the same row.
    """
    try:
        content = [rows.parse(line) for line in packing.unpack(received.body)]
    except Undecodable as not_packed:
        content = [_event_row(received, not_packed)]
    if not content:
        raise Undecodable("a message of no rows")
    return content


def is_packed(body: str) -> bool:
    """Tell whether a body that `read` takes holds rows as they are to be stored."""
    try:
        return bool(packing.unpack(body))
    except Undecodable:
        return False


def _event_row(received: Received, not_packed: Undecodable) -> Row:
    try:
        event = strict_json.read(received.body.encode())
        if not isinstance(event.value, dict) or "touchlake" in event.value:
            raise not_packed
        sent_at = datetime.fromtimestamp(received.sent_ms / 1000, UTC)
        return events.normalise(event, Reception(sent_at, QUEUE_SOURCE), received.message_id)
    except Refused as refusal:
        raise Undecodable(f"not an event: {refusal.reason}") from None
