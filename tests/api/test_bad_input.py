"""Bad input: each kind has its own answer, is kept where its key is known, and enqueues no event."""

import gzip
import zlib
from collections.abc import Callable
from typing import Any

import orjson
import pytest
import zstandard

from tests.api.client import Api
from tests.factories import make_event


def as_event(**members: Any) -> bytes:
    return orjson.dumps(make_event(**members))


def with_text(text: bytes) -> bytes:
    """An event whose properties hold this piece of JSON text."""
    return b'{"messageId":"e1","userId":"u","event":"e","properties":{"p":%s}}' % text


WHOLE = [
    (b"", 400, "malformed_json"),
    (b"{", 400, "malformed_json"),
    (b"userId=u", 400, "malformed_json"),
    (b'{"userId":"u","event":"e"}}', 400, "malformed_json"),
    (b'\xff{"a":1}', 400, "malformed_json"),
    (as_event()[:-1] + b',"x":"\x00"}', 400, "malformed_json"),
    (with_text(b"NaN"), 400, "malformed_json"),
    (with_text(b"-Infinity"), 400, "malformed_json"),
    (with_text(rb'"\u0000"'), 422, "nul_character"),
    (with_text(rb'"\ud83d"'), 422, "lone_surrogate"),
    (with_text(b'{"a":1,"a":2}'), 422, "duplicate_key"),
    (with_text(b"1" * 400), 422, "number_out_of_range"),
    (with_text(b"1e999"), 422, "number_out_of_range"),
    (with_text(b"1" * 5000), 422, "number_out_of_range"),
    (with_text(b"[" * 10_000 + b"]" * 10_000), 422, "too_deep"),
    (b"[" * 10_000 + b"]" * 10_000, 422, "too_deep"),
    (b'{"batch":5}', 422, "invalid_batch"),
    (b'{"batch":{}}', 422, "invalid_batch"),
]


@pytest.mark.parametrize(("body", "status", "reason"), WHOLE)
def test_a_body_that_cannot_be_read_is_answered_and_kept(body: bytes, status: int, reason: str) -> None:
    api = Api()
    response = api.post(body)

    assert (response.status_code, response.json()["reason"]) == (status, reason)
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["detail"]
    assert [(row["reason"], row["source"]) for row in api.kept] == [(reason, "web")]
    assert api.rows == []


EVENTS = [
    (as_event(userId=None), "missing_user"),
    (as_event(event=None), "missing_event"),
    (as_event(userId="x" * 257), "invalid_user_id"),
    (as_event(userId=""), "missing_user"),
    (as_event(userId=["u"]), "invalid_user_id"),
    (as_event(messageId="x" * 129), "invalid_message_id"),
    (as_event(type="nope"), "invalid_type"),
    (as_event(properties=[1]), "invalid_properties"),
    (as_event(timestamp="2026-02-30T00:00:00Z"), "invalid_timestamp"),
    (as_event(timestamp=1_790_000_000_000), "invalid_timestamp"),
    (as_event(timestamp="2026-11-22T10:00:00"), "invalid_timestamp"),
    (as_event(properties={"x": "y" * 33 * 1024}), "event_too_large"),
    (b"null", "not_an_object"),
    (b'"text"', "not_an_object"),
    (b"{}", "missing_user"),
]


@pytest.mark.parametrize(("body", "reason"), EVENTS)
def test_an_event_that_breaks_a_rule_is_answered_and_kept(body: bytes, reason: str) -> None:
    api = Api()
    response = api.post(body)

    assert (response.status_code, response.json()["reason"]) == (422, "nothing_accepted")
    assert response.json()["accepted"] == 0
    assert [(r["index"], r["reason"]) for r in response.json()["rejected"]] == [(0, reason)]
    assert [(row["reason"], row["raw"].encode()) for row in api.kept] == [(reason, body)]
    assert api.rows == []


@pytest.mark.parametrize("timestamp", ["2016-12-31T23:59:60Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"])
def test_strange_but_true_timestamps_are_accepted(timestamp: str) -> None:
    assert Api().post(as_event(timestamp=timestamp)).status_code == 202


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"[]", {}),
        (b'{"batch":[]}', {}),
        (b"\n \n", {"Content_Type": "application/x-ndjson"}),
    ],
)
def test_no_events_are_too_few(body: bytes, headers: dict[str, str]) -> None:
    api = Api()
    response = api.post(body, **headers)

    assert (response.status_code, response.json()["reason"]) == (422, "no_events")
    assert api.queue.bodies == []


@pytest.mark.parametrize(
    ("body", "headers", "reason"),
    [
        (b" " * (2 * 2**20), {}, "too_large"),
        (gzip.compress(b" " * 100_000_000), {"Content_Encoding": "gzip"}, "too_large"),
        (b"[" + b"{}," * 49_999 + b"{}]", {}, "too_many_events"),
    ],
)
def test_too_much_is_refused_unread(body: bytes, headers: dict[str, str], reason: str) -> None:
    api = Api()
    response = api.post(body, **headers)

    assert (response.status_code, response.json()["reason"]) == (413, reason)
    assert api.queue.bodies == []


def test_a_body_of_unknown_length_is_capped_as_it_comes() -> None:
    api = Api(api_max_body_bytes=1000)
    response = api.post(b" " * 1001, Content_Length="10")

    assert response.status_code == 413


@pytest.mark.parametrize(
    ("headers", "status", "reason"),
    [
        ({"Content_Type": "application/x-www-form-urlencoded"}, 415, "unsupported_media_type"),
        ({"Content_Type": "application/json; charset=latin1"}, 415, "unsupported_media_type"),
        ({"Content_Encoding": "br"}, 415, "unsupported_encoding"),
        ({"Content_Encoding": "gzip, gzip"}, 415, "unsupported_encoding"),
        ({"Content_Encoding": "gzip"}, 400, "malformed_encoding"),
        ({"Content_Encoding": "zstd"}, 400, "malformed_encoding"),
        ({"Content_Encoding": "deflate"}, 400, "malformed_encoding"),
    ],
)
def test_what_cannot_be_unpacked_is_refused(headers: dict[str, str], status: int, reason: str) -> None:
    api = Api()
    response = api.post(as_event(), **headers)

    assert (response.status_code, response.json()["reason"]) == (status, reason)
    assert api.queue.bodies == []


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("zstd", zstandard.compress)])
@pytest.mark.parametrize("cut", [0, 4])
def test_nothing_of_a_body_is_dropped_unread(encoding: str, pack: Any, cut: int) -> None:
    """Two members, or the second cut short: never a 202 for the first alone."""
    api = Api()
    data = pack(as_event() + b"\n") * 2
    answer = api.post(data[: len(data) - cut], Content_Encoding=encoding, Content_Type="application/x-ndjson")

    assert answer.status_code == 400
    assert api.rows == []


@pytest.mark.parametrize("headers", [{"Origin": "http://["}])
def test_headers_that_make_no_sense_are_the_clients_fault(headers: dict[str, str]) -> None:
    assert 400 <= Api().post(as_event(), **headers).status_code < 500


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "zstd"])
def test_half_a_body_is_malformed(encoding: str) -> None:
    pack: dict[str, Callable[[bytes], bytes]] = {
        "gzip": gzip.compress,
        "deflate": zlib.compress,
        "zstd": zstandard.compress,
    }
    packed = pack[encoding](as_event())

    answer = Api().post(packed[: len(packed) // 2], Content_Encoding=encoding)
    assert (answer.status_code, answer.json()["reason"]) == (400, "malformed_encoding")


def test_what_a_batch_says_counts_for_each_of_its_events() -> None:
    api = Api()
    answer = api.post({"batch": [make_event()], "context": {"x": "y" * 40_000}})

    assert (answer.status_code, answer.json()["rejected"][0]["reason"]) == (422, "event_too_large")
    assert api.rows == []


def test_a_context_that_would_be_written_too_often_is_refused_unwritten() -> None:
    api = Api()
    answer = api.post({"batch": [make_event()] * 2000, "context": {"x": "y" * 500_000}})

    assert (answer.status_code, answer.json()["reason"]) == (413, "too_large")
    assert api.queue.bodies == []
