from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import events, rows, strict_json
from shared.errors import Refused
from shared.events import Reception
from tests.factories import HOSTILE_IDS, JSON_VALUES, NOW, TEXT, WEB, make_event, make_line, make_row

DOCUMENTS = st.dictionaries(TEXT, JSON_VALUES, max_size=3)


def columns(**members: Any) -> dict[str, Any]:
    loaded: dict[str, Any] = orjson.loads(make_line(**members))
    return loaded


def test_every_wire_field_has_its_column() -> None:
    document = {
        "messageId": "e1",
        "type": "identify",
        "event": "touch_sent",
        "name": "Home",
        "userId": "u1",
        "anonymousId": "a1",
        "timestamp": "2026-11-22T09:00:00+01:00",
        "sentAt": "yesterday, more or less",
        "properties": {"b": 1, "a": [None]},
        "traits": {"plan": "free"},
        "context": {},
        "groupId": "g1",
        "previousId": "p1",
        "integrations": {"All": True},
        "channel": None,
    }

    assert list(orjson.loads(events.normalise(strict_json.sound(document), WEB).line).items()) == [
        ("event_id", "e1"),
        ("type", "identify"),
        ("event", "touch_sent"),
        ("name", "Home"),
        ("user_id", "u1"),
        ("anonymous_id", "a1"),
        ("timestamp", "2026-11-22T08:00:00.000000Z"),
        ("sent_at", "yesterday, more or less"),
        ("properties", {"b": 1, "a": [None]}),
        ("traits", {"plan": "free"}),
        ("context", {}),
        ("group_id", "g1"),
        ("previous_id", "p1"),
        ("extra", {"integrations": {"All": True}}),
        ("received_at", "2026-11-22T10:00:00.000000Z"),
        ("source", "web"),
    ]


@given(properties=DOCUMENTS, extra=JSON_VALUES)
def test_a_line_is_canonical_and_keeps_what_came(properties: dict[str, Any], extra: Any) -> None:
    line = make_line(properties=properties, somethingElse=extra)
    written = orjson.loads(line)

    assert written["properties"] == properties
    assert written.get("extra") == (None if extra is None else {"somethingElse": extra})
    assert strict_json.dumps(written) == line
    assert [name for name in rows.EVENT_COLUMNS if name in written] == list(written)
    assert b"\n" not in line


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"messageId": ""}, "invalid_message_id"),
        ({"messageId": "x" * 129}, "invalid_message_id"),
        ({"messageId": 5}, "invalid_message_id"),
        ({"type": "click"}, "invalid_type"),
        ({"type": 1}, "invalid_type"),
        ({"event": ""}, "invalid_event"),
        ({"event": "x" * 257}, "invalid_event"),
        ({"event": 7}, "invalid_event"),
        ({"event": None}, "missing_event"),
        ({"userId": None}, "missing_user"),
        ({"userId": ""}, "missing_user"),
        ({"userId": "x" * 257}, "invalid_user_id"),
        ({"userId": "é" * 129}, "invalid_user_id"),
        ({"userId": True}, "invalid_user_id"),
        ({"userId": {"id": 1}}, "invalid_user_id"),
        ({"userId": "", "anonymousId": ""}, "missing_user"),
        ({"groupId": []}, "invalid_group_id"),
        ({"previousId": "x" * 257}, "invalid_previous_id"),
        ({"timestamp": "yesterday"}, "invalid_timestamp"),
        ({"timestamp": ""}, "invalid_timestamp"),
        ({"timestamp": 1_790_000_000}, "invalid_timestamp"),
        ({"sentAt": [5]}, "invalid_sent_at"),
        ({"properties": []}, "invalid_properties"),
        ({"properties": "x"}, "invalid_properties"),
        ({"traits": 1}, "invalid_traits"),
        ({"context": "x"}, "invalid_context"),
    ],
)
def test_a_member_that_breaks_its_rule_is_named(members: dict[str, Any], reason: str) -> None:
    with pytest.raises(Refused) as refusal:
        events.normalise(strict_json.sound(make_event(**members)), WEB)

    assert refusal.value.reason == reason


@pytest.mark.parametrize("document", [None, 5, "x", [], True])
def test_an_event_is_an_object(document: Any) -> None:
    with pytest.raises(Refused, match="not_an_object"):
        events.normalise(strict_json.sound(document), WEB)


@pytest.mark.parametrize(
    ("members", "column", "value"),
    [
        ({"userId": 42}, "user_id", "42"),
        ({"userId": 1.5}, "user_id", "1.5"),
        ({"userId": 2**64 - 1}, "user_id", "18446744073709551615"),
        ({"userId": "x" * 256}, "user_id", "x" * 256),
        ({"userId": "é" * 128}, "user_id", "é" * 128),
        ({"messageId": "😀" * 128}, "event_id", "😀" * 128),
        ({"event": "x" * 256}, "event", "x" * 256),
        ({"type": None}, "type", "track"),
        ({"userId": None, "anonymousId": "a"}, "anonymous_id", "a"),
    ],
)
def test_a_member_within_its_rule_is_kept(members: dict[str, Any], column: str, value: str) -> None:
    assert columns(**members)[column] == value


@pytest.mark.parametrize("event_type", ["identify", "page", "screen", "group", "alias"])
def test_only_track_needs_an_event_name(event_type: str) -> None:
    assert columns(type=event_type, event=None)["type"] == event_type


@pytest.mark.parametrize(
    ("sent", "timestamp", "original"),
    [
        (None, "2026-11-22T10:00:00.000000Z", None),
        ("2026-11-23T10:00:00Z", "2026-11-23T10:00:00.000000Z", None),
        ("2026-11-23T10:00:00.000001Z", "2026-11-22T10:00:00.000000Z", "2026-11-23T10:00:00.000001Z"),
        ("9999-12-31T23:59:59-14:00", "2026-11-22T10:00:00.000000Z", "9999-12-31T23:59:59-14:00"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.999999Z", "2016-12-31T23:59:60Z"),
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000000Z", None),
    ],
)
def test_a_clock_that_is_a_day_ahead_is_not_believed(sent: str | None, timestamp: str, original: str | None) -> None:
    written = columns(timestamp=sent)

    assert (written["timestamp"], written.get("original_timestamp")) == (timestamp, original)


def test_original_timestamp_stands_in_for_timestamp() -> None:
    assert (
        columns(timestamp=None, originalTimestamp="2026-11-22T08:00:00Z")["timestamp"] == "2026-11-22T08:00:00.000000Z"
    )


def test_a_second_client_time_is_kept() -> None:
    written = columns(timestamp="2026-11-22T08:00:00Z", originalTimestamp="whatever", foo=1)

    assert written["extra"] == {"foo": 1, "originalTimestamp": "whatever"}


def test_an_event_without_an_id_gets_the_fallback_or_a_new_one() -> None:
    without = strict_json.sound(make_event(messageId=None))
    given_id = events.normalise(without, WEB, "key:0").id
    new_ids = {events.normalise(without, WEB).id for _ in range(100)}

    assert given_id == "key:0"
    assert len(new_ids) == 100
    assert all(len(new_id) == 36 and new_id[14] == "7" for new_id in new_ids)


def test_nesting_that_fits_as_sent_but_not_as_kept_is_refused() -> None:
    deep: Any = 1
    for _ in range(253):
        deep = [deep]

    with pytest.raises(Refused, match="too_deep"):
        events.normalise(strict_json.sound(make_event(unknown=deep)), WEB)


def test_a_refused_body_is_kept_without_its_write_key_and_once_a_day() -> None:
    refusal = Refused("missing_user", "give one")
    first = events.reject(b'{"writeKey" : "secret", "event":"x"}', WEB, refusal, "e1")
    later = events.reject(
        b'{"writeKey" : "secret", "event":"x"}', Reception(NOW.replace(hour=11), "web"), refusal, "e1"
    )
    kept = orjson.loads(first.line)

    assert kept["raw"] == '{"writeKey":null, "event":"x"}'
    assert (kept["reason"], kept["detail"], kept["source"], kept["event_id"]) == (
        "missing_user",
        "give one",
        "web",
        "e1",
    )
    assert (first.id, first.key) == (later.id, later.key)
    assert strict_json.dumps(kept) == first.line
    assert rows.parse(first.line) == first


def test_a_refused_body_that_is_no_text_or_too_long_is_kept_as_far_as_it_goes() -> None:
    binary = orjson.loads(events.reject(b"\xff\x00", WEB, Refused("malformed_json", "")).line)
    nul = orjson.loads(events.reject(b"a\0", WEB, Refused("malformed_json", "")).line)
    long = orjson.loads(events.reject("é".encode() * 200_000, WEB, Refused("malformed_json", "")).line)

    assert (binary["raw_base64"], nul["raw_base64"]) == ("/wA=", "YQA=")
    assert (len(long["raw"].encode()), long["raw_bytes"]) == (events.MAX_RAW_BYTES, 400_000)


@given(st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(9999, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001
def test_any_server_time_will_do(now: datetime) -> None:
    row = events.normalise(strict_json.sound(make_event(timestamp="2026-11-22T09:00:00Z")), Reception(now, "web"))

    assert rows.parse(row.line) == row


@given(HOSTILE_IDS, HOSTILE_IDS | st.none(), HOSTILE_IDS)
def test_a_worker_reads_the_row_that_the_api_made(anonymous: str, user: str | None, event_id: str) -> None:
    row = make_row(userId=user, anonymousId=anonymous, messageId=event_id)

    assert rows.parse(row.line) == row


def test_a_refusal_says_what_the_member_must_be() -> None:
    with pytest.raises(Refused) as refusal:
        make_row(type="click")

    assert refusal.value.detail == "type must be one of track, identify, page, screen, group, alias"
