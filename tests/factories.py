"""Events, rows and messages with sensible defaults."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from shared import events, strict_json
from shared.events import Reception
from shared.rows import Row
from worker.messages import Message

NOW = datetime(2026, 11, 22, 10, 0, 0, tzinfo=UTC)
WEB = Reception(NOW, "web")


def make_event(**members: Any) -> dict[str, Any]:
    return {"messageId": "e1", "userId": "u1", "event": "touch_sent", "timestamp": "2026-11-22T09:00:00Z"} | members


def make_line(reception: Reception = WEB, **members: Any) -> bytes:
    return make_row(reception, **members).line


def make_row(reception: Reception = WEB, **members: Any) -> Row:
    return events.normalise(strict_json.sound(make_event(**members)), reception)


def make_message(*content: Row, message_id: str = "m1") -> Message:
    return Message(message_id, f"receipt-{message_id}", list(content))


def wait_until(holds: Callable[[], object], what: str, seconds: float = 15) -> None:
    """Wait for a condition, with a deadline."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.005)


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
HOSTILE_IDS = st.sampled_from(
    [
        "a",
        "A",
        "a/b",
        "a%2Fb",
        "..",
        ".",
        "../..",
        "a=b",
        "a%3Db",
        "%",
        "%25",
        "@a",
        "%40a",
        "é",
        "e\u0301",
        "😀",
        "a b",
        "a+b",
    ]
) | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=64)

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=10,
)


@st.composite
def row_sets(draw: st.DrawFn) -> list[Row]:
    """Rows of few users and days, with ids that repeat: over retries (other received_at) and over users."""
    return [
        make_row(
            Reception(NOW.replace(microsecond=draw(st.integers(0, 3))), "web"),
            messageId=f"e{draw(st.integers(0, 6))}",
            userId=f"u{draw(st.integers(0, 2))}",
            timestamp=f"2026-11-2{draw(st.integers(1, 2))}T09:00:0{draw(st.integers(0, 2))}Z",
            properties={"n": draw(st.integers(0, 2))},
        )
        for _ in range(draw(st.integers(1, 14)))
    ]
