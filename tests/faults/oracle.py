"""What the lake must be: a pure function of the rows that the queue took."""

from collections.abc import Iterable

import orjson

from shared import objects, packing, rows
from shared.rows import Row
from tests.proxy import Call
from worker import merge

Lake = dict[str, bytes]


def calm_lake(calls: Iterable[Call]) -> Lake:
    """Return the objects of a calm run: the rows of every message sent, merged once, in memory."""
    parted: dict[str, dict[str, Row]] = {}
    for body in _bodies(calls):
        for row in map(rows.parse, packing.unpack(body)):
            merge.add(parted.setdefault(row.key, {}), row)
    return {key: objects.encode(content.values()) for key, content in parted.items()}


def _bodies(calls: Iterable[Call]) -> Iterable[str]:
    for call in calls:
        if call.operation == "SendMessageBatch":
            yield from (entry["MessageBody"] for entry in orjson.loads(call.body)["Entries"])


def differences(calm: Lake, found: Lake) -> list[str]:
    """Name the objects that are not as they must be."""
    return [
        *(f"missing: {key}" for key in calm.keys() - found.keys()),
        *(f"nobody sent: {key}" for key in found.keys() - calm.keys()),
        *(f"other bytes: {key}" for key in calm.keys() & found.keys() if calm[key] != found[key]),
    ]
