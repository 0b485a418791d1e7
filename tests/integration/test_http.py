"""What only a real server shows: bodies that are refused before they are read, and connections that live on."""

import gzip
import signal
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from tests.factories import make_event, wait_until
from tests.integration.lab import KEY, ApiProcess, Lab

HEADERS = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}


def chunks(count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield b" " * 65_536


@pytest.mark.parametrize(
    ("content", "headers", "reason"),
    [
        (b" " * (2 * 2**20), {}, "too_large"),
        (chunks(32), {}, "too_large"),
        (gzip.compress(b" " * 200_000_000), {"Content-Encoding": "gzip"}, "too_large"),
        (b"[" + b"{}," * 49_999 + b"{}]", {}, "too_many_events"),
    ],
    ids=["2 MiB", "2 MiB of unknown length", "gzip bomb", "50,000 tiny events"],
)
def test_too_much_is_answered_and_the_next_request_is_served(
    lab: Lab, content: bytes | Iterator[bytes], headers: dict[str, str], reason: str
) -> None:
    api = lab.api()
    with httpx.Client(base_url=api.url, headers=HEADERS, timeout=30) as client:
        refused = client.post("/v1/events", content=content, headers=headers)

        assert (refused.status_code, refused.json()["reason"]) == (413, reason)
        assert client.post("/v1/events", json=make_event()).status_code == 202
    assert lab.backlog == 1


def test_a_stranger_is_refused_before_the_body_is_read(lab: Lab) -> None:
    api = lab.api()
    refused = httpx.post(f"{api.url}/v1/events", content=b"x" * 2**19, headers=HEADERS | {"Authorization": "Bearer no"})

    assert (refused.status_code, refused.json()["reason"]) == (401, "unknown_write_key")
    assert lab.backlog == 0


def connect(api: ApiProcess) -> socket.socket:
    return socket.create_connection(("127.0.0.1", urlsplit(api.url).port), timeout=20)


def send_half(api: ApiProcess, size: int) -> socket.socket:
    """Announce a body of so many bytes, send half of it, and stay connected."""
    connection = connect(api)
    connection.sendall(
        f"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\nAuthorization: Bearer {KEY}\r\n"
        "Content-Type: application/json\r\n\r\n".encode()
        + b" " * (size // 2)
    )
    return connection


def test_a_request_sent_in_half_does_not_keep_a_stopping_api(lab: Lab) -> None:
    api = lab.api(API_SEND_SECONDS=0.5)
    with send_half(api, 100):
        assert api.post("a").status_code == 202
        api.process.popen.send_signal(signal.SIGTERM)

        assert api.process.popen.wait(30) == 0


def test_a_body_that_comes_too_slowly_is_refused(lab: Lab) -> None:
    api = lab.api(API_BODY_SECONDS=0.3)
    with send_half(api, 1000) as slow:
        assert slow.recv(100).startswith(b"HTTP/1.1 408")


def test_bodies_on_their_way_in_count_towards_the_ceiling_as_far_as_they_are_here(lab: Lab) -> None:
    api = lab.api(API_OUTBOX_BYTES=20_000)
    with send_half(api, 40_000):
        wait_until(lambda: api.post("a", properties={"x": "y" * 5_000}).status_code == 503, "the half fills it")
    wait_until(lambda: api.post("a", properties={"x": "y" * 5_000}).status_code == 202, "there is room again")


def test_an_authorization_that_is_not_ascii_is_refused(lab: Lab) -> None:
    api = lab.api()
    with connect(api) as raw:
        raw.sendall(b"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nAuthorization: Basic \xe9\r\n\r\n")

        assert raw.recv(100).startswith(b"HTTP/1.1 401")
