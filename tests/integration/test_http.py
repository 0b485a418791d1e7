"""What only a real server shows: bodies that are refused before they are read, and connections that live on."""

import gzip
from collections.abc import Iterator

import httpx
import pytest

from tests.factories import make_event
from tests.integration.lab import KEY, Lab

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
