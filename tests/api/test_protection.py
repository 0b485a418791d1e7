"""What protects an API whose key is public: origins, rates, what is kept of addresses and of erased users."""

from typing import Any

import httpx
import orjson
import pytest

from api.limits import BURST_SECONDS, Buckets
from shared.errors import StoreUnavailable
from shared.objectstore import Stored
from tests.api.client import Api
from tests.factories import make_event

SHOP = "https://shop.example"


@pytest.mark.parametrize("name", ["writeKey", "write_key", "key", "API_KEY"])
def test_a_key_in_a_url_is_refused_even_if_it_is_known(name: str) -> None:
    api = Api()
    answer = api.request("POST", f"/v1/events?{name}=web-key", orjson.dumps(make_event()), Api.headers())

    assert (answer.status_code, answer.json()["reason"]) == (401, "write_key_in_url")
    assert api.queue.bodies == []


@pytest.mark.parametrize(
    ("origins", "origin", "status"),
    [
        ((SHOP,), SHOP, 202),
        ((SHOP,), "https://evil.example", 403),
        ((SHOP,), "http://shop.example", 403),
        ((SHOP,), "null", 403),
        ((), SHOP, 403),
        ((), "http://api.test", 202),
        (("*",), "https://any.example", 202),
    ],
)
def test_a_page_sends_only_from_an_origin_that_is_allowed(origins: tuple[str, ...], origin: str, status: int) -> None:
    api = Api(api_origins=origins)
    answer = api.post(make_event(), Content_Type="text/plain", Origin=origin)

    assert answer.status_code == status
    assert len(api.queue.bodies) == (status == 202)


def preflight(api: Api, origin: str) -> httpx.Response:
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    return api.request("OPTIONS", "/v1/events", headers={"Origin": origin, **asks})


def test_a_browser_that_asks_first_is_told() -> None:
    api = Api(api_origins=(SHOP,))
    allowed = preflight(api, SHOP)

    assert allowed.status_code == 200
    assert allowed.headers["access-control-allow-origin"] == SHOP
    assert "access-control-allow-credentials" not in allowed.headers
    assert preflight(api, "https://evil.example").status_code == 403


def test_past_its_rate_a_source_waits_and_others_do_not() -> None:
    api = Api(api_source_events_per_second=1)
    many = [make_event(messageId=f"e{n}") for n in range(BURST_SECONDS + 5)]
    calls: list[Any] = [
        ("POST", "/v1/events", orjson.dumps(many), Api.headers()),
        ("POST", "/v1/events", orjson.dumps(make_event()), Api.headers()),
        ("POST", "/v1/track", orjson.dumps(make_event()), Api.headers("ios-key")),
    ]
    first, second, other = api.requests_in_turn(calls)

    assert (first.status_code, second.status_code, other.status_code) == (202, 429, 200)
    assert second.json()["reason"] == "rate_limited"
    assert 5 <= int(second.headers["retry-after"]) <= 6


def test_past_its_rate_an_address_waits_whatever_its_key() -> None:
    api = Api(api_address_events_per_second=0.1, api_trusted_proxies=1)

    def call(key: str, address: str) -> Any:
        headers = Api.headers(key) | {"X-Forwarded-For": f"6.6.6.6, {address}"}
        return ("POST", "/v1/events", orjson.dumps(make_event()), headers)

    answers = api.requests_in_turn(
        [call("web-key", "10.0.0.1"), call("ios-key", "10.0.0.1"), call("ios-key", "10.0.0.2")]
    )

    assert [answer.status_code for answer in answers] == [202, 429, 202]


def test_a_bucket_refills_with_time_and_no_further_than_full() -> None:
    buckets = Buckets(rate=2)
    buckets.take("a", 20, now=0)

    assert buckets.wait("a", now=0) == 0.5
    assert buckets.wait("a", now=0.5) == 0
    buckets.take("a", 20, now=1000)
    assert buckets.wait("a", now=1000) > 0


def test_buckets_are_bounded_and_forget_the_longest_unused() -> None:
    buckets = Buckets(rate=1, most=2)
    for name in ("a", "b", "c"):
        buckets.take(name, 10, now=0)

    assert buckets.wait("a", now=0) == 0
    assert buckets.wait("c", now=0) > 0


@pytest.mark.parametrize(
    ("keep", "forwarded", "kept"),
    [
        ("off", "203.0.113.77", None),
        ("truncated", "203.0.113.77", "203.0.113.0"),
        ("full", "203.0.113.77", "203.0.113.77"),
        ("truncated", "2001:db8:1:2:3::4", "2001:db8:1::"),
        ("full", "spoofed, 203.0.113.77", "203.0.113.77"),
        ("full", "not an address", None),
    ],
)
def test_of_a_clients_address_only_what_is_configured_is_kept(keep: str, forwarded: str, kept: str | None) -> None:
    api = Api(client_address=keep, api_trusted_proxies=1)
    api.post(make_event(), X_Forwarded_For=forwarded)

    assert api.rows[0].get("client_address") == kept


def test_without_a_trusted_proxy_the_header_is_not_believed() -> None:
    api = Api(client_address="full")
    api.post(make_event(), X_Forwarded_For="203.0.113.77")

    assert api.rows[0]["client_address"] == "127.0.0.1"


def suppressing(*users: str) -> Api:
    api = Api(lake_bucket="lake", suppress_users_s3_key="erased.txt")
    api.store.objects["erased.txt"] = Stored("\n".join(users).encode(), '"1"', {})
    return api


def test_nothing_is_kept_of_an_erased_user() -> None:
    api = suppressing("gone", "é/1", "42")
    bodies = [make_event(userId="gone"), make_event(userId=42), make_event(userId=None, anonymousId="é/1")]
    answer = api.post([*bodies, make_event(userId="stays")])

    assert answer.json()["accepted"] == 1
    assert {rejected["reason"] for rejected in answer.json()["rejected"]} == {"user_suppressed"}
    assert [row["user_id"] for row in api.rows] == ["stays"]
    assert api.kept == []
    assert 'reason="user_suppressed"' in api.request("GET", "/metrics").text


def test_an_invalid_event_of_an_erased_user_is_not_kept_either() -> None:
    api = suppressing("gone\r", "other")
    api.post([make_event(userId="gone", event=None), make_event(userId="other", properties=5)])

    assert api.queue.bodies == []


def test_a_missing_list_suppresses_nobody() -> None:
    api = Api(lake_bucket="lake", suppress_users_s3_key="erased.txt")

    assert api.post(make_event()).status_code == 202


def test_without_the_list_the_api_does_not_start() -> None:
    api = suppressing("gone")
    api.store.is_down = True

    with pytest.raises(StoreUnavailable):
        api.post(make_event())
