"""The events that stand in a body, each on its own. No I/O in here."""

from dataclasses import dataclass, field
from typing import Any

from shared import strict_json
from shared.errors import Refused

NDJSON = "application/x-ndjson"
NDJSON_TYPES = frozenset({NDJSON, "application/ndjson", "application/jsonl"})


@dataclass
class Part:
    """One event as it stands in a body: a document, or the reason why it can't be read as one."""

    document: Any = None
    refusal: Refused | None = None
    text: bytes | None = None

    @property
    def raw(self) -> bytes:
        """The event as sent; one of an array that was sound as a whole is written again, without its white space."""
        return strict_json.dumps(self.document) if self.text is None else self.text


@dataclass
class Body:
    """The events of a request, with what a batch says for all of them."""

    parts: list[Part]
    shared: dict[str, Any] = field(default_factory=dict)

    @property
    def added_bytes(self) -> int:
        """What the batch adds to each of its events."""
        return len(strict_json.dumps(self.shared.get("context") or {})) if self.shared else 0

    def write_key(self) -> str | None:
        """Return the key that the body itself names: that of the batch, else that of the first event that has one."""
        for document in (self.shared, *(part.document for part in self.parts)):
            if isinstance(document, dict) and isinstance(key := document.get("writeKey"), str):
                return key
        return None


def split(data: bytes, kind: str) -> Body:
    """Cut a body into its events: one object, an array, `{"batch": […]}`, or one a line.

    An event that is no good costs none of its neighbours. Raises Refused when the body as a whole can't be read.
    """
    if kind in NDJSON_TYPES:
        return Body([_part(line) for line in data.split(b"\n") if line.strip()])
    try:
        document = strict_json.loads(data)
    except Refused as refusal:
        return _split_by_text(data, refusal)
    if isinstance(document, dict) and document.get("batch") is not None:
        return Body(_documents(document.pop("batch")), document)
    return Body(_documents(document)) if isinstance(document, list) else Body([Part(document, text=data)])


def _split_by_text(data: bytes, refusal: Refused) -> Body:
    """Look for the events in a body that is not sound as a whole."""
    if data.lstrip().startswith(b"["):
        return Body([_part(text) for text in strict_json.elements(data)])
    members = strict_json.members(data) if data.lstrip().startswith(b"{") else {}
    if "batch" not in members:
        raise refusal
    batch = members.pop("batch")
    return Body(
        [_part(text) for text in strict_json.elements(batch)],
        {name: strict_json.loads(text) for name, text in members.items()},
    )


def _documents(batch: Any) -> list[Part]:
    if not isinstance(batch, list):
        raise Refused("invalid_batch", "batch must be an array of events")
    return [Part(document) for document in batch]


def _part(text: bytes) -> Part:
    try:
        return Part(strict_json.loads(text), text=text)
    except Refused as refusal:
        return Part(refusal=refusal, text=text)
