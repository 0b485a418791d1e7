from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops import replay
from ops.replay import Refusal
from shared import events, intake, parts
from shared.errors import Refused
from shared.intake import Rules
from tests.factories import JSON_VALUES, TEXT, WEB, make_event

RULES = Rules(max_event_bytes=2**15)


def refuse(raw: bytes, reason: str = "invalid_event") -> Refusal:
    """Keep a body as the API does, and read it back."""
    row = events.reject(raw, WEB, Refused(reason, "x"))
    return Refusal(row.id, row.sorted_by[:10], orjson.loads(row.line))


def judge(raw: bytes, patch: dict[str, Any] | None = None, limit: int = 2**15) -> tuple[list[Any], list[str]]:
    lines, still = replay.judge(refuse(raw), patch or {}, limit)
    return [orjson.loads(line) for line in lines], [reason for reason, _ in still]


@given(st.dictionaries(TEXT, JSON_VALUES, max_size=3), st.sampled_from([{}, {"messageId": "m9"}]))
def test_an_event_that_passes_now_is_the_row_that_it_would_have_been(properties: Any, ids: dict[str, str]) -> None:
    raw = orjson.dumps({"userId": "u1", "event": "x", "properties": properties} | ids)
    ((row,), still) = judge(raw)
    refusal = refuse(raw)
    expected = intake.judge(parts.split(raw, ""), WEB, Rules(2**15, idempotency_key=refusal.id))

    assert [orjson.loads(accepted.line) for accepted in expected.accepted] == [row]
    assert (row["event_id"], still) == (ids.get("messageId", f"{refusal.id}:0"), [])
    assert (row["received_at"], row["source"]) == (WEB.received_at, "web")


def test_a_replay_gives_the_same_bytes_every_time() -> None:
    refusal = refuse(b'{"userId":"u1","event":"x"}')

    assert replay.judge(refusal, {}, 2**15) == replay.judge(refusal, {}, 2**15)


@pytest.mark.parametrize(
    ("raw", "patch", "still"),
    [
        (orjson.dumps(make_event(userId=None)), {"userId": "u5"}, []),
        (orjson.dumps(make_event(event=5)), {"event": "fixed"}, []),
        (orjson.dumps(make_event(messageId="x" * 200)), {"messageId": None}, []),
        (b'{"userId":"u1","event":"x","note":"\\u0000"}', {"note": None}, []),
        (
            b'{"userId":"u1","event":"x","n":123456789012345678901234567890}',
            {"n": "123456789012345678901234567890"},
            [],
        ),
        (b'{"userId":"u1","event":"x","n":{"a":1,"a":2}}', {"n": {"a": 3}}, []),
        (b'{"userId":"u1","event":"x","n":{"a":1,"a":2}}', {"other": 3}, ["duplicate_key"]),
        (b'{"userId":"u1","userId":"u2","event":"x"}', {"event": "y"}, ["duplicate_key"]),
        (b"[1]", {}, ["not_an_object"]),
        (b'{"userId":', {}, ["malformed_json"]),
        (b'{"userId":', {"userId": "u1"}, ["malformed_json"]),
        (b'{"event":"x"}\xff', {}, ["malformed_json"]),
        (orjson.dumps(make_event(properties={"x": "y" * 40_000})), {}, ["event_too_large"]),
    ],
)
def test_what_a_patch_makes_of_an_event(raw: bytes, patch: dict[str, Any], still: list[str]) -> None:
    assert judge(raw, patch)[1] == still


def test_a_body_of_several_events_gives_each_an_id_of_its_own() -> None:
    raw = b'{"batch":[{"userId":"u1","event":"x"},{"userId":"u1"},{"userId":"u1","event":"y"}]}'
    found, still = judge(raw)
    refusal = refuse(raw)

    assert [row["event_id"] for row in found] == [f"{refusal.id}:0", f"{refusal.id}:2"]
    assert still == ["missing_event"]


def test_a_body_that_was_cut_is_still_refused() -> None:
    assert judge(b'{"userId":"u1","x":"' + b"y" * events.MAX_RAW_BYTES + b'"}')[1] == ["body_cut"]


def test_the_size_that_is_allowed_may_have_grown() -> None:
    raw = orjson.dumps(make_event(properties={"x": "y" * 40_000}))

    assert judge(raw, limit=50_000)[1] == []


def test_events_of_an_erased_user_are_still_refused() -> None:
    raw = b'{"userId":"gone","event":"x"}'

    assert replay.judge(refuse(raw), {}, 2**15, {"gone"}.__contains__)[1][0][0] == "user_suppressed"


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
        ({"a": "foo"}, {"a": {"b": 1}}, {"a": {"b": 1}}),
    ],
)
def test_a_patch_is_a_json_merge_patch(target: Any, patch: Any, result: Any) -> None:
    """The examples of RFC 7396, appendix A, whose targets and patches are objects."""
    assert orjson.loads(replay.patched(orjson.dumps(target), patch)) == result
