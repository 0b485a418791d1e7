"""Replay: judging refused events again, as the API does, with their ids, time and source of then.

A refused row stays under rejected/, which only grows. What a replay makes of it has the same id and `received_at` every
time: to replay again changes nothing.
"""

import base64
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from shared import intake, keys, objects, parts, strict_json, timestamps
from shared.errors import Refused
from shared.events import Reception
from shared.intake import Rules
from shared.objectstore import ObjectStore
from shared.rows import Row


@dataclass(frozen=True)
class Refusal:
    """One row under rejected/."""

    id: str
    date: str
    columns: dict[str, Any]

    @property
    def reason(self) -> str:
        return str(self.columns["reason"])

    @property
    def source(self) -> str:
        return str(self.columns["source"])

    @property
    def raw(self) -> bytes:
        """The body as it came, as far as it was kept."""
        encoded = self.columns.get("raw_base64")
        return str(self.columns["raw"]).encode() if encoded is None else base64.b64decode(encoded)

    def whole(self) -> bytes:
        """Return the body as it came. Raises Refused when it was cut."""
        if "raw_bytes" in self.columns:
            raise Refused("body_cut", f"{self.columns['raw_bytes']} bytes came, and only the first of them are kept")
        return self.raw


def dates(store: ObjectStore) -> list[str]:
    """Return the days on which something was refused."""
    return [folder.rpartition("=")[2] for folder in store.folders(f"{keys.REJECTED}date=")]


def read(store: ObjectStore, date: str) -> Iterator[Refusal]:
    """Yield what was refused on a day. Raises StoreUnavailable, CorruptObject."""
    for listed in store.list(f"{keys.REJECTED}date={date}/"):
        yield from map(_refusal, _rows(store, listed.key))


def find(store: ObjectStore, rejected_id: str, date: str) -> Refusal | None:
    """Return one row of a day, by the key that its id gives."""
    content = _rows(store, keys.rejected(rejected_id, date))
    return next((_refusal(row) for row in content if row.id == rejected_id), None)


def judge(
    refusal: Refusal,
    patch: Mapping[str, Any],
    max_event_bytes: int,
    is_suppressed: Callable[[str | None], bool] = lambda _user_id: False,
) -> tuple[list[bytes], list[tuple[str, str]]]:
    """Return the canonical lines that a refused body gives now, and (reason, detail) of what is still refused in it.

    An event that brings no id gets one made of that of its refusal.
    """
    reception = Reception(timestamps.parse(refusal.columns["received_at"]), refusal.source)
    rules = Rules(max_event_bytes, idempotency_key=refusal.id, is_suppressed=is_suppressed)
    try:
        body = parts.split(patched(refusal.whole(), patch), "application/json")
    except Refused as still:
        return [], [(still.reason, still.detail)]
    verdicts = intake.judge(body, reception, rules)
    return [row.line for row in verdicts.accepted], [
        (rejected["reason"], rejected["detail"]) for rejected in verdicts.rejected
    ]


def patched(raw: bytes, patch: Mapping[str, Any]) -> bytes:
    """Apply a JSON merge patch (RFC 7396) to an event, also to one that cannot be read as a whole.

    Members that the patch does not name stay as they were written, so that what is wrong with them is still seen.
    Raises Refused when the text is no object.
    """
    if not patch:
        return raw
    members = strict_json.members(raw)
    for name, value in patch.items():
        if value is None:
            members.pop(name, None)
        elif isinstance(value, dict) and name in members:
            members[name] = strict_json.dumps(_merged(_lenient(members[name]), value))
        else:
            members[name] = strict_json.dumps(_merged(None, value))
    return b"{" + b",".join(strict_json.dumps(name) + b":" + text for name, text in members.items()) + b"}"


def _merged(target: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = _merged(merged.get(name), value)
    return merged


def _lenient(text: bytes) -> Any:
    """Read a member that is to be patched, which may be what it was refused for."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def _rows(store: ObjectStore, key: str) -> list[Row]:
    stored = store.get(key)
    return objects.decode(key, stored) if stored else []


def _refusal(row: Row) -> Refusal:
    return Refusal(row.id, row.sorted_by[:10], orjson.loads(row.line))
