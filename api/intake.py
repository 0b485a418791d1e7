"""The verdict on each event of a body: its row, or why it was refused. No I/O in here."""

from dataclasses import dataclass, field
from typing import Any

from api.body import Body, Part
from shared import events
from shared.errors import Refused
from shared.events import Reception


@dataclass
class Verdicts:
    """The canonical lines to enqueue, and the answer's part on what was refused."""

    accepted: list[bytes] = field(default_factory=list)
    kept: list[bytes] = field(default_factory=list)
    rejected: list[dict[str, Any]] = field(default_factory=list)

    def refuse(self, index: int, part: Part, refusal: Refused, reception: Reception) -> None:
        event_id = events.claimed_id(part.document)
        self.kept.append(events.reject(part.raw, reception, refusal, event_id))
        self.rejected.append({"index": index, "event_id": event_id, "reason": refusal.reason, "detail": refusal.detail})


def judge(body: Body, reception: Reception, *, max_event_bytes: int, idempotency_key: str | None = None) -> Verdicts:
    """Normalise every event of a body; one that is refused costs none of the others."""
    verdicts = Verdicts()
    for index, part in enumerate(body.parts):
        try:
            document = _document(part, body.shared, max_event_bytes)
            fallback_id = f"{idempotency_key}:{index}" if idempotency_key else None
            verdicts.accepted.append(events.normalise(document, reception, fallback_id))
        except Refused as refusal:
            verdicts.refuse(index, part, refusal, reception)
    return verdicts


def _document(part: Part, shared: dict[str, Any], max_event_bytes: int) -> Any:
    if part.refusal:
        raise part.refusal
    size = len(part.raw)
    if size > max_event_bytes:
        raise Refused("event_too_large", f"{size} bytes: an event holds at most {max_event_bytes}")
    if not isinstance(part.document, dict):
        return part.document
    document = {name: value for name, value in part.document.items() if name != "writeKey"}
    if shared.get("sentAt") is not None:
        document.setdefault("sentAt", shared["sentAt"])
    if isinstance(shared.get("context"), dict) and isinstance(document.get("context", {}), dict):
        document["context"] = shared["context"] | document.get("context", {})
    return document
