import base64
import gzip
import zlib
from collections.abc import Sequence
from typing import Any

import orjson
import pytest
import zstandard

from tests.api.client import Api
from tests.factories import make_event
from tests.fakes import FakeQueue

TWO = [make_event(messageId="a"), make_event(messageId="b")]


@pytest.mark.parametrize(
    ("body", "content_type", "ids"),
    [
        (orjson.dumps(TWO[0]), "application/json", ["a"]),
        (orjson.dumps(TWO), "application/json", ["a", "b"]),
        (orjson.dumps({"batch": TWO}), "application/json; charset=utf-8", ["a", "b"]),
        (b"\n".join([orjson.dumps(TWO[0]), b"", orjson.dumps(TWO[1]), b" "]), "application/x-ndjson", ["a", "b"]),
        (orjson.dumps(TWO), "text/plain;charset=UTF-8", ["a", "b"]),
        (orjson.dumps(TWO), 'application/json; charset="utf-8"; profile=x', ["a", "b"]),
        (orjson.dumps(TWO, option=orjson.OPT_INDENT_2), "Application/JSON", ["a", "b"]),
    ],
)
def test_each_body_form_is_accepted(body: bytes, content_type: str, ids: list[str]) -> None:
    api = Api()
    response = api.post(body, Content_Type=content_type)

    assert (response.status_code, response.json()) == (202, {"accepted": len(ids), "rejected": []})
    assert [(row["event_id"], row["source"]) for row in api.rows] == [(name, "web") for name in ids]
    assert api.kept == []


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", lambda data: zlib.compress(data, wbits=-15)),
        ("zstd", zstandard.compress),
        ("identity", bytes),
    ],
)
def test_each_content_encoding_is_unpacked(encoding: str, pack: Any) -> None:
    api = Api()

    assert api.post(pack(orjson.dumps(TWO)), Content_Encoding=encoding).status_code == 202
    assert len(api.rows) == 2


def test_one_bad_event_costs_none_of_its_neighbours() -> None:
    api = Api()
    good = rb'{"messageId":"b","userId":"u","event":"e"}'
    body = rb'[{"messageId":"a","userId":"u","event":"e","p":"\ud800"},%s,{"x":1,"x":2},NaN,7]' % good
    response = api.post(body)

    assert response.status_code == 202
    assert response.json()["accepted"] == 1
    assert [(r["index"], r["event_id"], r["reason"]) for r in response.json()["rejected"]] == [
        (0, None, "lone_surrogate"),
        (2, None, "duplicate_key"),
        (3, None, "malformed_json"),
        (4, None, "not_an_object"),
    ]
    assert [row["event_id"] for row in api.rows] == ["b"]
    assert [row["raw"] for row in api.kept][1:] == ['{"x":1,"x":2}', "NaN", "7"]


def test_a_bad_event_in_a_batch_object_costs_none_of_its_neighbours() -> None:
    api = Api()
    response = api.post(rb'{"sentAt":"now","batch":[{"a":NaN},{"userId":"u","event":"e"}]}')

    assert (response.status_code, response.json()["accepted"]) == (202, 1)
    assert [row["sent_at"] for row in api.rows] == ["now"]


def test_a_bad_line_costs_none_of_its_neighbours() -> None:
    api = Api()
    response = api.post(b'{"userId":"u","event":"e"}\n{oops\n', Content_Type="application/x-ndjson")

    assert (response.status_code, response.json()["accepted"]) == (202, 1)
    assert response.json()["rejected"][0]["reason"] == "malformed_json"


def test_a_rejected_event_is_named_by_its_id() -> None:
    response = Api().post([make_event(), make_event(messageId="bad", event="")])

    assert response.json()["rejected"][0]["event_id"] == "bad"


def test_what_a_batch_says_for_all_reaches_each_event() -> None:
    api = Api()
    own = make_event(messageId="b", context={"locale": "ja"}, sentAt="own")
    api.post({"batch": [make_event(messageId="a"), own], "context": {"app": "x", "locale": "de"}, "sentAt": "all"})

    assert [(row["context"], row["sent_at"]) for row in api.rows] == [
        ({"app": "x", "locale": "de"}, "all"),
        ({"app": "x", "locale": "ja"}, "own"),
    ]


def test_a_batch_that_is_null_is_absent_and_a_numeric_time_of_sending_is_kept() -> None:
    api = Api()
    api.post(make_event(messageId="a", batch=None))
    api.post({"batch": [make_event(messageId="b")], "sentAt": 1790000000})

    assert [(row["event_id"], row.get("sent_at")) for row in api.rows] == [("a", None), ("b", "1790000000")]


def test_an_idempotency_key_gives_the_same_ids_twice() -> None:
    api = Api()
    for _ in range(2):
        api.post([make_event(messageId=None), make_event(), make_event(messageId=None)], Idempotency_Key="order-7")

    assert [row["event_id"] for row in api.rows] == ["order-7:0", "e1", "order-7:2"] * 2


@pytest.mark.parametrize("key", ["", "x" * 121, "a b"])
def test_an_idempotency_key_that_is_none_is_refused(key: str) -> None:
    response = Api().post(make_event(), Idempotency_Key=key)

    assert (response.status_code, response.json()["reason"]) == (400, "invalid_idempotency_key")


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer web-key"},
        {"Authorization": "bearer  web-key"},
        {"Authorization": "Basic " + base64.b64encode(b"web-key:").decode()},
        {"Authorization": "Basic " + base64.b64encode(b"web-key:ignored").decode()},
    ],
)
def test_a_key_in_the_header_names_the_source(headers: dict[str, str]) -> None:
    api = Api()

    assert api.post(make_event(), key=None, **headers).status_code == 202
    assert api.rows[0]["source"] == "web"


@pytest.mark.parametrize(
    "body",
    [
        make_event(writeKey="ios-key"),
        [make_event(writeKey="old-ios-key")],
        {"batch": [make_event()], "writeKey": "ios-key"},
    ],
)
def test_a_key_in_the_body_names_the_source_and_is_not_kept(body: Any) -> None:
    api = Api()

    assert api.post(body, key=None).status_code == 202
    assert api.rows[0]["source"] == "ios"
    assert "key" not in orjson.dumps(api.rows).decode()


@pytest.mark.parametrize(
    ("headers", "body", "reason"),
    [
        ({}, make_event(), "missing_write_key"),
        ({}, [], "missing_write_key"),
        ({}, b"{", "missing_write_key"),
        ({}, make_event(writeKey=5), "missing_write_key"),
        ({"Authorization": "Bearer nobody"}, make_event(), "unknown_write_key"),
        ({"Authorization": "Bearer web-kez"}, make_event(), "unknown_write_key"),
        ({"Authorization": "Bearer"}, make_event(), "missing_write_key"),
        ({"Authorization": "Digest web-key"}, make_event(), "unknown_scheme"),
        ({"Authorization": "Basic web-key"}, make_event(), "malformed_authorization"),
        ({"Authorization": "Bearer web-key"}, make_event(writeKey="ios-key"), "unknown_write_key"),
        ({"Authorization": "Bearer web-key"}, make_event(writeKey="nobody"), "unknown_write_key"),
    ],
)
def test_without_one_known_key_nothing_is_taken(headers: dict[str, str], body: Any, reason: str) -> None:
    api = Api()
    response = api.post(body, key=None, **headers)

    assert (response.status_code, response.json()["reason"]) == (401, reason)
    assert response.headers["www-authenticate"].startswith("Bearer")
    assert api.queue.bodies == []


def test_a_key_is_found_behind_an_event_that_cannot_be_read() -> None:
    api = Api()
    answer = api.post(b'[{"a":NaN},' + orjson.dumps(make_event(writeKey="ios-key")) + b"]", key=None)

    assert (answer.status_code, answer.json()["accepted"]) == (202, 1)
    assert {row["source"] for row in api.rows + api.kept} == {"ios"}


def test_two_keys_of_one_source_agree() -> None:
    assert Api().post(make_event(writeKey="old-ios-key"), key="ios-key").status_code == 202


def test_without_auth_every_source_is_default() -> None:
    api = Api(auth="off", write_keys={})

    assert api.post(make_event(), key=None).status_code == 202
    assert api.rows[0]["source"] == "default"


def test_a_failed_queue_is_answered_with_503_and_nothing_is_counted_accepted() -> None:
    api = Api()
    api.queue.is_down = True
    response = api.post(make_event())

    assert (response.status_code, response.json()["reason"]) == (503, "queue_unavailable")
    assert int(response.headers["retry-after"]) > 0


def test_a_full_outbox_is_answered_with_503() -> None:
    response = Api(api_outbox_bytes=100).post(make_event())

    assert (response.status_code, response.json()["reason"]) == (503, "outbox_full")
    assert int(response.headers["retry-after"]) > 0


def test_concurrent_requests_share_a_message() -> None:
    api = Api(api_linger_ms=200)
    calls = [("POST", "/v1/events", orjson.dumps(make_event(messageId=f"e{n}")), Api.headers()) for n in range(20)]
    responses = api.requests(list(calls))

    assert {response.status_code for response in responses} == {202}
    assert len(api.queue.bodies) == 1
    assert len(api.rows) == 20


def test_health_does_not_depend_on_the_queue_but_readiness_does() -> None:
    api = Api()
    api.queue.is_down = True

    assert api.request("GET", "/healthz").status_code == 200
    assert api.request("GET", "/readyz").status_code == 503

    api.queue.is_down = False

    assert api.request("GET", "/readyz").status_code == 200


def test_a_draining_process_is_not_ready() -> None:
    api = Api()
    api.is_draining = True

    assert api.request("GET", "/readyz").json()["reason"] == "draining"
    assert api.request("GET", "/healthz").status_code == 200


def test_metrics_count_by_source_and_reason() -> None:
    api = Api()
    api.post([make_event(), make_event(event=None)])
    text = api.request("GET", "/metrics").text

    assert 'touchlake_api_events_accepted_total{source="web"}' in text
    assert 'touchlake_api_events_rejected_total{reason="missing_event",source="web"}' in text
    assert 'touchlake_api_requests_total{route="/v1/events",status="202"}' in text


def test_a_crash_is_a_problem_and_tells_nothing() -> None:
    class Broken(FakeQueue):
        def send(self, bodies: Sequence[str]) -> list[int]:
            raise ZeroDivisionError

    api = Api()
    api.queue = Broken()
    response = api.post(make_event())

    assert (response.status_code, response.json()["reason"]) == (500, "internal_error")
    assert "division" not in response.text


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nope", 404), ("GET", "/v1/events", 405)])
def test_starlettes_own_errors_are_problems_too(method: str, path: str, status: int) -> None:
    response = Api().request(method, path)

    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["status"] == status
