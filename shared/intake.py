"""The verdict on each event of a body: its row, or why it was refused. No I/O in here."""

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from shared import events, strict_json
from shared.errors import Refused, Suppressed
from shared.events import Reception
from shared.parts import Body, Part
from shared.rows import Row
from shared.strict_json import Sound


class Verdicts(msgspec.Struct):
    """The rows to enqueue, and the answer's part on what was refused."""

    accepted: list[Row] = []
    kept: list[Row] = []
    rejected: list[dict[str, Any]] = []
    refusal: Refused | None = None
    """Why the body as a whole could not be read."""

    @property
    def reasons(self) -> list[str]:
        """The reason of each refusal."""
        return [self.refusal.reason] if self.refusal else [rejected["reason"] for rejected in self.rejected]

    def keep(self, part: Part, refusal: Refused, reception: Reception) -> None:
        """Keep a refused event under rejected/."""
        self.kept.append(events.reject(part.raw, reception, refusal, events.claimed_id(part.event.value)))

    def answer(self, index: int, part: Part, refusal: Refused) -> None:
        """Name a refused event in the answer."""
        event_id = events.claimed_id(part.event.value)
        self.rejected.append({"index": index, "event_id": event_id, "reason": refusal.reason, "detail": refusal.detail})


class Rules(NamedTuple):
    """What counts for every event of a request."""

    max_event_bytes: int
    event_type: str | None = None
    idempotency_key: str | None = None
    is_suppressed: Callable[[str | None], bool] = lambda _user_id: False


def judge(body: Body, reception: Reception, rules: Rules) -> Verdicts:
    """Normalise every event of a body; one that is refused costs none of the others."""
    verdicts = Verdicts()
    added_bytes = body.added_bytes
    for index, part in enumerate(body.parts):
        try:
            event = _event(part, body.shared, added_bytes, rules)
            fallback_id = f"{rules.idempotency_key}:{index}" if rules.idempotency_key else None
            verdicts.accepted.append(events.normalise(event, reception, fallback_id, rules.is_suppressed))
        except Suppressed as refusal:
            verdicts.answer(index, part, refusal)
        except Refused as refusal:
            verdicts.keep(part, refusal, reception)
            verdicts.answer(index, part, refusal)
    return verdicts


def _event(part: Part, shared: dict[str, Any], added_bytes: int, rules: Rules) -> Sound:
    """Return the event as it is to be read: with what its batch and its route say of it."""
    if part.refusal:
        raise part.refusal
    size = part.size + added_bytes
    if size > rules.max_event_bytes:
        raise Refused(
            "event_too_large", f"{size} bytes, with what its batch adds: an event holds at most {rules.max_event_bytes}"
        )
    if not isinstance(part.event.value, dict) or not (shared or rules.event_type):
        return part.event
    document = dict(part.event.value)
    if rules.event_type:
        document["type"] = rules.event_type
    if document.get("sentAt") is None and shared.get("sentAt") is not None:
        document["sentAt"] = shared["sentAt"]
    own, common = document.get("context"), shared.get("context")
    if isinstance(common, dict) and (own is None or isinstance(own, dict)):
        document["context"] = common | (own or {})
    return strict_json.sound(document)
