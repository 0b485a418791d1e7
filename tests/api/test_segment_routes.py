import base64
from typing import Any

import orjson
import pytest

from api.segment import BATCHES, TYPES
from tests.api.client import Api
from tests.factories import make_event

BASIC = {"Authorization": "Basic " + base64.b64encode(b"web-key:").decode(), "Content-Type": "application/json"}


def post(api: Api, route: str, body: Any, **headers: str) -> Any:
    return api.request("POST", f"/v1/{route}", orjson.dumps(body), BASIC | headers)


@pytest.mark.parametrize("name", TYPES)
def test_each_route_names_the_type_of_its_event(name: str) -> None:
    api = Api()
    answer = post(api, name, make_event(type="page"))

    assert (answer.status_code, answer.content) == (200, b'{"success":true}')
    assert [(row["type"], row["source"]) for row in api.rows] == [(name, "web")]


@pytest.mark.parametrize("name", TYPES)
def test_the_first_letter_of_a_type_is_its_route_too(name: str) -> None:
    api = Api()

    assert post(api, name[0], make_event()).status_code == 200
    assert api.rows[0]["type"] == name


@pytest.mark.parametrize("name", BATCHES)
def test_a_batch_keeps_the_types_of_its_events(name: str) -> None:
    api = Api()
    events = [make_event(messageId="a"), make_event(messageId="b", type="identify", traits={"plan": "pro"})]
    answer = post(api, name, {"batch": events, "writeKey": "web-key", "sentAt": "now", "context": {"locale": "de"}})

    assert answer.content == b'{"success":true}'
    assert [(row["event_id"], row["type"], row["sent_at"]) for row in api.rows] == [
        ("a", "track", "now"),
        ("b", "identify", "now"),
    ]
    assert {row["context"]["locale"] for row in api.rows} == {"de"}


def test_what_segment_would_swallow_is_kept() -> None:
    api = Api()
    answer = post(api, "batch", {"batch": [make_event(event=None), make_event(messageId="good")]})

    assert (answer.status_code, answer.json()) == (200, {"success": True})
    assert [row["event_id"] for row in api.rows] == ["good"]
    assert [row["reason"] for row in api.kept] == ["missing_event"]


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{", {}, 400),
        (b'{"batch":5}', {}, 422),
        (b"{}", {"Authorization": "Bearer nobody"}, 401),
        (b"{}", {"Content-Encoding": "br"}, 415),
        (b" " * 2**21, {}, 413),
    ],
)
def test_a_request_that_is_refused_says_so_in_the_words_that_sdks_read(
    body: bytes, headers: dict[str, str], status: int
) -> None:
    answer = Api().request("POST", "/v1/batch", body, BASIC | headers)

    assert answer.status_code == status
    assert answer.json()["code"] == answer.json()["reason"]
    assert answer.json()["message"] == answer.json()["detail"]


def test_a_body_is_json_whatever_its_type() -> None:
    api = Api()
    answer = post(api, "track", make_event(), **{"Content-Type": "application/x-www-form-urlencoded"})

    assert (answer.status_code, len(api.rows)) == (200, 1)


def test_a_queue_that_is_down_makes_an_sdk_come_back() -> None:
    api = Api()
    api.queue.is_down = True
    answer = post(api, "track", make_event())

    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


def test_a_mobile_sdks_empty_ids_count_as_absent() -> None:
    api = Api()
    post(api, "page", {"messageId": "a", "userId": "", "anonymousId": "anon", "name": "", "groupId": ""})

    (row,) = api.rows
    assert row.keys() & {"user_id", "name", "group_id"} == set()
    assert row["anonymous_id"] == "anon"
