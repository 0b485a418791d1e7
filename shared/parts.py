"""The events that stand in a body, each on its own. No I/O in here."""

from typing import Any

import msgspec

from shared import strict_json
from shared.errors import Refused
from shared.strict_json import Sound

NDJSON = "application/x-ndjson"
NDJSON_TYPES = frozenset({NDJSON, "application/ndjson", "application/jsonl"})


class _Batch(msgspec.Struct):
    batch: list[msgspec.Raw]


_ARRAY = msgspec.json.Decoder(list[msgspec.Raw])
_BATCH = msgspec.json.Decoder(_Batch)


class Part(msgspec.Struct, gc=False):
    """One event as it stands in a body: sound, or with the reason why it can't be read."""

    event: Sound = Sound(None, b"null")
    refusal: Refused | None = None
    sent: bytes | None = None

    @property
    def raw(self) -> bytes:
        """The event as sent; one of an array that was sound as a whole is without its white space."""
        return bytes(self.event.text) if self.sent is None else self.sent

    @property
    def size(self) -> int:
        """The bytes of `raw`."""
        return len(self.event.text if self.sent is None else self.sent)


class Body(msgspec.Struct):
    """The events of a request, with what a batch says for all of them."""

    parts: list[Part]
    shared: dict[str, Any] = {}

    @property
    def added_bytes(self) -> int:
        """What the batch adds to each of its events."""
        return len(strict_json.dumps(self.shared.get("context") or {})) if self.shared else 0

    def write_key(self) -> str | None:
        """Return the key that the body itself names: that of the batch, else that of the first event that has one."""
        for document in (self.shared, *[part.event.value for part in self.parts]):
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
        body = strict_json.read(data)
    except Refused as refusal:
        return _split_by_text(data, refusal)
    value = body.value
    if isinstance(value, list):
        return Body(_parts(value, _ARRAY.decode(body.text)))
    batch = value.pop("batch", None) if isinstance(value, dict) else None
    if batch is None:
        return Body([Part(body, sent=data)])
    if not isinstance(batch, list):
        raise Refused("invalid_batch", "batch must be an array of events")
    return Body(_parts(batch, _BATCH.decode(body.text).batch), value)


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


def _parts(values: list[Any], texts: list[msgspec.Raw]) -> list[Part]:
    return [Part(Sound(value, text)) for value, text in zip(values, texts, strict=True)]


def _part(text: bytes) -> Part:
    try:
        return Part(strict_json.read(text), sent=text)
    except Refused as refusal:
        return Part(refusal=refusal, sent=text)
