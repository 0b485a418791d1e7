"""The ledger's entries: what came in, written down by whoever saw it, so that it can be compared with what is stored.

    ledger/date=<YYYY-MM-DD>/<time>-<writer>.jsonl.gz      one line a cell: {"kind", "hour", "source", "marks"}

A cell is an hour of one source. A mark is the 8 bytes of XXH3 over an event's object and id, so equal events have equal
marks: sets of them can be compared, event by event, for 8 bytes each. Rows are placed by the hour that they have in
the lake: that of the timestamp, for refused ones that of the reception.
"""

import base64
import gzip
import zlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple

import deflate
import msgspec
import xxhash

from shared import keys
from shared.errors import CorruptObject
from shared.objectstore import Stored
from shared.rows import Row

PREFIX = "ledger/"
OLDER = "older"
RECENT_DAYS = 7
"""Days with a folder of their own; what is older goes into one, so that no import costs a PUT an event."""
MARK_BYTES = 8
_KEY_TIME = "%Y%m%dT%H%M%S.%fZ"
ATTRIBUTES = {"Content-Type": "application/gzip"}
Kind = Literal["events", "rejected", "erased"]


class Cell(NamedTuple):
    """An hour (YYYY-MM-DDTHH, UTC) of one source. `erased` is what an operator took out of the lake on purpose."""

    kind: Kind
    hour: str
    source: str

    @property
    def date(self) -> str:
        return self.hour[:10]


Marks = dict[Cell, bytearray]
"""The marks of each cell, one after the other, repeats too."""


class _Line(msgspec.Struct):
    kind: Kind
    hour: str
    source: str
    marks: str


_decoder = msgspec.json.Decoder(_Line)
_encoder = msgspec.json.Encoder()


def cell(row: Row) -> Cell:
    return _cell(row.key.startswith(keys.REJECTED), row.sorted_by[:13], row.source)


@lru_cache(4096)
def _cell(is_rejected: bool, hour: str, source: str) -> Cell:  # noqa: FBT001
    return Cell("rejected" if is_rejected else "events", hour, source)


def erased_cell(object_key: str) -> Cell:
    """Return the cell for what was erased from an object: its day, since that is all that is compared."""
    day = object_key.partition("date=")[2][:10]
    return Cell("erased", f"{day}T00", "")


def mark(object_key: str, row_id: str) -> bytes:
    return xxhash.xxh3_64_digest(f"{object_key}\n{row_id}".encode())


def folders(day: str) -> tuple[str, str]:
    """Return where the entries of a day may stand."""
    return f"{PREFIX}date={day}/", f"{PREFIX}date={OLDER}/"


def key(folder: str, written_at: datetime, writer: str) -> str:
    """Name an entry; no writer seals two in a microsecond."""
    return f"{folder}{written_at:{_KEY_TIME}}-{writer}.jsonl.gz"


def written_at(entry_key: str) -> datetime:
    """Return when an entry was sealed. Raises CorruptObject."""
    name = entry_key.rpartition("/")[2]
    try:
        return datetime.strptime(name.partition("-")[0], _KEY_TIME).replace(tzinfo=UTC)
    except ValueError:
        raise CorruptObject(f"{entry_key}: not an entry of the ledger") from None


def by_folder(marks: Mapping[Cell, bytearray], today: date) -> dict[str, Marks]:
    """Part marks by the folder that they go to."""
    first, last = (today - timedelta(RECENT_DAYS)).isoformat(), (today + timedelta(1)).isoformat()
    parted: dict[str, Marks] = {}
    for place, content in marks.items():
        own, older = folders(place.date)
        parted.setdefault(own if first <= place.date <= last else older, {})[place] = content
    return parted


def encode(marks: Mapping[Cell, bytes | bytearray]) -> bytes:
    lines = (_encoder.encode(_Line(*place, base64.b64encode(content).decode())) for place, content in marks.items())
    return bytes(deflate.gzip_compress(b"".join(line + b"\n" for line in lines), 1))


def decode(key: str, stored: Stored) -> Iterator[tuple[Cell, bytes]]:
    """Yield the cells of an entry. Raises CorruptObject."""
    try:
        for text in gzip.decompress(stored.data).splitlines():
            line = _decoder.decode(text)
            yield Cell(line.kind, line.hour, line.source), base64.b64decode(line.marks, validate=True)
    except (OSError, EOFError, zlib.error, ValueError, msgspec.MsgspecError) as error:
        raise CorruptObject(f"{key}: not an entry of the ledger: {error}") from None


def each(content: bytes | bytearray) -> Iterable[bytes]:
    """Part the marks of a cell."""
    return (bytes(content[start : start + MARK_BYTES]) for start in range(0, len(content), MARK_BYTES))
