"""Requests that do not come to their end: Caddy waits for so long and no longer, and the API does not wait at all."""

import time

import h2.connection
import h2.events
import pytest

from tests.tls.caddy import BODY_SECONDS, HOST
from tests.tls.host import KEY, Host

HEADER_SECONDS = 10
LATEST_SECONDS = 10
HALF_A_HEADER = f"POST /v1/events HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: Bearer {KEY}\r\n".encode()


@pytest.mark.parametrize(
    ("half", "seconds"),
    [
        (HALF_A_HEADER, HEADER_SECONDS),
        (HALF_A_HEADER + b"Content-Length: 100\r\n\r\n{", BODY_SECONDS),
        (HALF_A_HEADER + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n", BODY_SECONDS),
    ],
    ids=["header", "body", "chunked body"],
)
def test_half_a_request_is_cut(host: Host, half: bytes, seconds: int) -> None:
    with host.site.connect() as slow:
        started = time.monotonic()
        slow.sendall(half)
        answer = b"".join(iter(lambda: slow.recv(65_536), b""))

    assert b" 20" not in answer.partition(b"\r\n")[0]
    assert seconds - 1 < time.monotonic() - started < seconds + LATEST_SECONDS


def test_half_a_request_over_http_2_is_cut(host: Host) -> None:
    connection = h2.connection.H2Connection()
    connection.initiate_connection()
    pseudo = {":method": "POST", ":scheme": "https", ":authority": HOST, ":path": "/v1/events"}
    connection.send_headers(1, [*pseudo.items(), ("authorization", f"Bearer {KEY}"), ("content-length", "100")])
    connection.send_data(1, b"{")
    with host.site.connect("h2") as slow:
        started = time.monotonic()
        slow.sendall(connection.data_to_send())
        seen: list[h2.events.Event] = []
        while not any(isinstance(event, h2.events.StreamEnded | h2.events.StreamReset) for event in seen):
            received = slow.recv(65_536)
            assert received, f"closed after {seen}"
            seen += connection.receive_data(received)

    assert BODY_SECONDS - 1 < time.monotonic() - started < BODY_SECONDS + LATEST_SECONDS


def test_the_api_is_not_reached_by_half_a_request(host: Host) -> None:
    """It stops at once, although it would wait for a body that has begun to come."""
    with host.site.connect() as slow:
        slow.sendall(HALF_A_HEADER + b"Content-Length: 100\r\n\r\n{")
        with host.site.client() as other:
            assert other.get("/healthz").status_code == 200  # so Caddy has had the time to pass the half on
        started = time.monotonic()
        host.api.stop()
        seconds = time.monotonic() - started
    host.api.start()

    assert seconds < BODY_SECONDS - 1
