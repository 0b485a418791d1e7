"""Reading the whole lake and checking what it promises: keys, order, uniqueness, form."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise

from shared import keys, objects, rows, strict_json
from shared.errors import CorruptObject, Refused
from shared.objectstore import ObjectStore, Stored
from shared.rows import Row

READERS = 64
_PLAIN_GZIP = b"\x1f\x8b\x08\x00\x00\x00\x00\x00"  # deflate; no name, comment or extra field; no time
_MARK_BYTES = 8


@dataclass
class Report:
    """What was found. `problems` are (key, what is wrong); an empty list means that the lake holds its promises."""

    objects: int = 0
    rows: int = 0
    rejected: int = 0
    bytes: int = 0
    etags: dict[str, str] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)
    problems: list[tuple[str, str]] = field(default_factory=list)


def verify(store: ObjectStore, on_object: Callable[[str, Stored, list[Row]], None] = lambda *_: None) -> Report:
    """Read every object and check it. `ids` counts in how many objects each event_id stands.

    An id may stand in two objects when its events differ in user or date: promised is once in each.
    """
    report = Report()
    for key, stored in read_all(store):
        found, problems = check(key, stored)
        report.problems += [(key, problem) for problem in problems]
        report.bytes += len(stored.data)
        report.etags[key] = stored.etag
        if key.startswith(keys.REJECTED):
            report.rejected += len(found)
        else:
            report.objects += 1
            report.rows += len(found)
            for row in found:
                report.ids[row.id] = report.ids.get(row.id, 0) + 1
        on_object(key, stored, found)
    return report


def read_all(store: ObjectStore) -> Iterator[tuple[str, Stored]]:
    """Yield every object of the lake."""
    return read_below(store, (keys.EVENTS, keys.REJECTED))


def read_below(store: ObjectStore, prefixes: Iterable[str]) -> Iterator[tuple[str, Stored]]:
    """Yield the objects below some prefixes, read a few at a time."""
    with ThreadPoolExecutor(READERS) as threads:
        for prefix in prefixes:
            for key, stored in threads.map(lambda listed: (listed.key, store.get(listed.key)), store.list(prefix)):
                if stored is not None:
                    yield key, stored


def etags(store: ObjectStore) -> dict[str, str]:
    """Return the ETag of every object: of two equal answers, nothing was written between them."""
    return {listed.key: listed.etag for prefix in (keys.EVENTS, keys.REJECTED) for listed in store.list(prefix)}


def check(key: str, stored: Stored) -> tuple[list[Row], list[str]]:
    """Return the rows of an object, and what is wrong with it."""
    problems = [text for text, holds in _form(key, stored) if not holds]
    try:
        found = objects.decode(key, stored)
    except CorruptObject as error:
        return [], [*problems, str(error)]
    if any((one.sorted_by, one.id) >= (other.sorted_by, other.id) for one, other in pairwise(found)):
        problems.append("rows are not in the order of (timestamp, event_id)")
    if len({row.id for row in found}) != len(found):
        problems.append("an id stands twice")
    if stored.attributes.get("touchlake-rows") != str(len(found)):
        problems.append(f"metadata says {stored.attributes.get('touchlake-rows')} rows, there are {len(found)}")
    order = rows.REJECTED_COLUMNS if key.startswith(keys.REJECTED) else rows.EVENT_COLUMNS
    if not all(_is_canonical(row.line, order) for row in found):
        problems.append("a row is not in canonical form")
    return found, problems


def _form(key: str, stored: Stored) -> Iterator[tuple[str, bool]]:
    yield "the key is not one of ours", keys.is_ours(key)
    yield "the gzip header holds a name or a time", stored.data[:_MARK_BYTES] == _PLAIN_GZIP
    yield "Content-Type is not application/gzip", stored.attributes.get("Content-Type") == "application/gzip"
    yield "Content-Encoding is set", "Content-Encoding" not in stored.attributes


def _is_canonical(line: bytes, order: tuple[str, ...]) -> bool:
    try:
        columns = strict_json.loads(line)
    except Refused:
        return False
    in_order = {name: columns[name] for name in order if columns.get(name) is not None}
    return len(in_order) == len(columns) and strict_json.dumps(in_order) == line
