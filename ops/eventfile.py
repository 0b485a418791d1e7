"""Files of events: CSV or JSON lines, plain or gzip."""

import codecs
import csv
import gzip
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import orjson

Event = dict[str, Any]
_WIRE_NAMES = {
    "event_id": "messageId",
    "message_id": "messageId",
    "user_id": "userId",
    "anonymous_id": "anonymousId",
    "group_id": "groupId",
    "previous_id": "previousId",
    "sent_at": "sentAt",
    **{name: name for name in ("messageId", "userId", "anonymousId", "groupId", "previousId", "sentAt")},
    **{name: name for name in ("type", "event", "name", "timestamp")},
}


def read(path: Path, progress: Callable[[int], None] = lambda _: None) -> Iterator[Event]:
    """Yield the events of a file, each with a messageId, and report how many bytes of the file are read so far.

    An event without an id gets one made of what it says and of how often the file said so before: reading the file
    again, or a longer one, gives the same ids, and rows that repeat stay apart. In a CSV file the columns that name no
    field of an event become its properties. Raises ValueError with the line that can't be read.
    """
    repeats: Counter[bytes] = Counter()
    with path.open("rb") as raw:
        for event in _parse(path, raw):
            if "messageId" not in event:
                digest = hashlib.sha256(orjson.dumps(event)).digest()[:12]
                event["messageId"] = f"{digest.hex()}-{repeats[digest]}"
                repeats[digest] += 1
            progress(raw.tell())
            yield event


def _parse(path: Path, raw: BinaryIO) -> Iterator[Event]:
    names = path.name.lower().removesuffix(".gz")
    data = gzip.GzipFile(fileobj=raw) if path.name.lower().endswith(".gz") else raw
    if names.endswith(".csv"):
        return (_from_csv(row) for row in csv.DictReader(codecs.iterdecode(data, "utf-8-sig")))
    if names.endswith((".jsonl", ".ndjson")):
        return (_from_json(line, number) for number, line in enumerate(data, 1) if line.strip())
    raise ValueError(f"{path}: the name must end in .csv or .jsonl, or either with .gz")


def _from_csv(row: dict[str, str | None]) -> Event:
    event: Event = {}
    properties = {}
    for column, value in row.items():
        if not value:
            continue
        if column in _WIRE_NAMES:
            event[_WIRE_NAMES[column]] = value
        else:
            properties[column] = value
    if "timestamp" in event:
        event["timestamp"] = _with_zone(event["timestamp"])
    return event | ({"properties": properties} if properties else {})


def _from_json(line: bytes, number: int) -> Event:
    try:
        event = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"line {number}: {error}") from None
    if not isinstance(event, dict):
        raise ValueError(f"line {number}: not a JSON object")  # noqa: TRY004  # a fault of the file, not of a caller
    return event


def _with_zone(text: str) -> str:
    """Read a time without a zone as UTC; leave to the API what is no time."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return moment.replace(tzinfo=moment.tzinfo or UTC).isoformat()
