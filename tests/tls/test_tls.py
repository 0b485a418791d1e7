"""The Caddyfile as it stands, with certificates from an ACME server on loopback."""

import socket
import ssl
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import orjson
import pytest

from tests.factories import make_event
from tests.tls import http3
from tests.tls.caddy import HOST
from tests.tls.host import KEY, Host

AUTHORIZED = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
MAX_BODY_BYTES = 2**20


def new_id() -> str:
    return uuid.uuid4().hex


def body_of(size: int) -> bytes:
    """Return a batch of events as large as asked for."""
    events = [
        orjson.dumps(make_event(messageId=new_id(), properties={"p": "x" * 20_000})) for _ in range(size // 21_000)
    ]
    body = b"[" + b",".join(events) + b"]"
    return body + b" " * (size - len(body))


def in_chunks(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), 65_536):
        yield body[start : start + 65_536]


def post(host: Host, event_id: str) -> tuple[httpx.Response, str]:
    """POST an event on a new connection; return the answer, and the serial number of the certificate."""
    with host.site.client() as client:
        answer = client.post("/v1/events", json=make_event(messageId=event_id), headers=AUTHORIZED)
        certificate = answer.extensions["network_stream"].get_extra_info("ssl_object").getpeercert()
        assert certificate["subjectAltName"] == (("DNS", HOST),)
        return answer, certificate["serialNumber"]


def test_an_event_goes_over_https_with_a_certificate_from_the_acme_server(host: Host) -> None:
    event_id = new_id()
    answer, _ = post(host, event_id)

    assert (answer.status_code, answer.json()) == (202, {"accepted": 1, "rejected": []})
    assert host.stored(event_id)["source"] == "test"


def test_a_client_that_does_not_know_the_authority_refuses(host: Host) -> None:
    with (
        socket.create_connection(("127.0.0.1", host.site.https_port), timeout=10) as raw,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        ssl.create_default_context().wrap_socket(raw, server_hostname=HOST)


def test_the_certificate_is_renewed_without_a_failed_request(host: Host) -> None:
    sent: list[str] = []
    serials: set[str] = set()
    deadline = time.monotonic() + 60
    while len(serials) < 2:
        assert time.monotonic() < deadline, f"still {serials}"
        sent.append(new_id())
        answer, serial = post(host, sent[-1])
        assert answer.status_code == 202
        serials.add(serial)

    assert {row["event_id"] for row in host.api.rows} >= set(sent)


@pytest.mark.parametrize("version", ["HTTP/1.1", "HTTP/2"])
def test_http_1_and_2_are_spoken_and_http_3_is_offered(host: Host, version: str) -> None:
    with host.site.client(http2=version == "HTTP/2") as client:
        answer = client.post("/v1/events", json=make_event(messageId=new_id()), headers=AUTHORIZED)

    assert (answer.status_code, answer.http_version) == (202, version)
    assert f'h3=":{host.site.https_port}"' in answer.headers["Alt-Svc"]


def test_http_3_is_spoken(host: Host) -> None:
    headers = {name.lower(): value for name, value in AUTHORIZED.items()}
    status, body = http3.post(host.site, "/v1/events", headers, orjson.dumps(make_event(messageId=new_id())))

    assert (status, orjson.loads(body)["accepted"]) == (202, 1)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/healthz", 200), ("POST", "/v1/events", 401), ("GET", "/nowhere", 404), ("GET", "/metrics", 404)],
)
def test_every_answer_asks_for_https_from_now_on(host: Host, method: str, path: str, status: int) -> None:
    with host.site.client() as client:
        answer = client.request(method, path)

    assert (answer.status_code, answer.headers["Strict-Transport-Security"]) == (status, "max-age=31536000")


def test_plain_http_is_sent_to_https(host: Host) -> None:
    answer = httpx.get(f"http://127.0.0.1:{host.site.http_port}/docs", headers={"Host": HOST}, timeout=10)

    assert (answer.status_code, answer.headers["Location"]) == (308, f"https://{HOST}/docs")


@pytest.mark.parametrize(
    "path",
    ["/metrics", "/metrics/", "//metrics", "/%6detrics", "/METRICS", "/./metrics", "/v1/../metrics", "/metrics?x"],
)
def test_metrics_are_not_seen_from_outside(host: Host, path: str) -> None:
    with host.site.connect() as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))

    assert answer.startswith(b"HTTP/1.1 404")
    assert b"touchlake_api" not in answer
    assert "touchlake_api" in httpx.get(f"{host.api.url}/metrics", timeout=10).text


@pytest.mark.parametrize("chunked", [False, True], ids=["length told", "chunked"])
def test_the_largest_body_that_the_api_takes_goes_through_and_no_larger_one(host: Host, *, chunked: bool) -> None:
    body = body_of(MAX_BODY_BYTES)
    with host.site.client() as client:
        largest, larger = (
            client.post("/v1/events", content=in_chunks(content) if chunked else content, headers=AUTHORIZED)
            for content in (body, body + b" ")
        )

    assert (largest.status_code, largest.json()["rejected"]) == (202, [])
    assert (larger.status_code, larger.json()["reason"]) == (413, "too_large")
    assert larger.headers["Content-Type"] == "application/problem+json"


def test_the_address_that_counts_is_the_one_that_caddy_saw(host: Host) -> None:
    event_id = new_id()
    with host.site.client() as client:
        forged = AUTHORIZED | {"X-Forwarded-For": "203.0.113.9"}
        client.post("/v1/events", json=make_event(messageId=event_id), headers=forged)

    assert host.stored(event_id)["client_address"] == "127.0.0.1"


def test_a_request_waits_for_an_api_that_is_being_replaced(host: Host) -> None:
    host.api.stop()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(post, host, new_id())
        host.api.start()
        answer, _ = waiting.result(30)

    assert answer.status_code == 202


def test_without_an_api_the_answer_is_to_come_back(host: Host) -> None:
    host.api.stop()
    try:
        answer, _ = post(host, new_id())
    finally:
        host.api.start()

    assert (answer.status_code, answer.json()["reason"]) == (503, "api_unavailable")
    assert int(answer.headers["Retry-After"]) > 0
