"""Hostile requests: sound ones of every form, spoilt at random. From a seed, so that a number names its input. Pure."""

import gzip
import random
import zlib
from collections.abc import Callable
from typing import Any, NamedTuple

import orjson
import zstandard

from tests.factories import make_event

PATHS = [
    "/v1/events",
    "/v1/track",
    "/v1/identify",
    "/v1/batch",
    "/v1/import",
    "/v1/t",
    "/healthz",
    "/nowhere",
    "/v1/%00",
]
TYPES = [
    b"application/json",
    b"application/x-ndjson",
    b"text/plain",
    b"text/plain;charset=utf-8",
    b"",
    b"a/b",
    b"\xff;;=",
]
KEYS = [b"Bearer web-key", b"Basic d2ViLWtleTo=", b"Bearer no", b"Basic \xff", b"Basic ====", b"Digest x", b""]
ENCODINGS: dict[bytes, Callable[[bytes], bytes]] = {
    b"gzip": gzip.compress,
    b"deflate": zlib.compress,
    b"zstd": zstandard.ZstdCompressor().compress,
    b"br": bytes,
}
TOKENS = [
    *(b"NaN", b"1e999", b"-0", b"9" * 400, b'"\\ud800"', b"\\u0000", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf"),
    *(b"[" * 300, b"{" * 300, b",,", b"\n", b"\r\n", b'"', b"\\", b"null", b"true"),
    *(b'{"batch":', b'"messageId":', b'"userId":[],', b'"context":{"a":1},', b'"sentAt":[1],', b'"type":"alias",'),
    *(b'"timestamp":"0000-00-00T25:61:61Z",', b'"timestamp":1e400,', b'"writeKey":"no",'),
]
VALUES: list[Any] = [
    None,
    True,
    0,
    -1,
    2**64,
    1.5,
    "",
    " ",
    "\0",
    "x" * 300,
    "é" * 200,
    [],
    {},
    [None],
    {"a": {"b": []}},
    "2026-02-30T00:00:00Z",
]
NAMES = [
    "messageId",
    "userId",
    "anonymousId",
    "event",
    "type",
    "timestamp",
    "sentAt",
    "context",
    "properties",
    "traits",
    "batch",
]


class Input(NamedTuple):
    """A request; `parts` are the pieces in which its body arrives."""

    method: str
    path: str
    query: bytes
    headers: list[tuple[bytes, bytes]]
    parts: list[bytes]


def draw(seed: int, number: int) -> Input:
    """Draw an input."""
    chance = random.Random(f"{seed} {number}")
    body = _spoil(chance, _sound(chance))
    headers = [
        (b"content-type", chance.choice(TYPES)),
        (b"authorization", chance.choices(KEYS, [20, 8, 1, 1, 1, 1, 2])[0]),
    ]
    if chance.random() < 0.2:
        encoding = chance.choice(list(ENCODINGS))
        headers.append((b"content-encoding", encoding))
        body = ENCODINGS[encoding](body)
        body = _spoil(chance, body) if chance.random() < 0.3 else body
    if chance.random() < 0.1:
        headers.append((b"idempotency-key", chance.choice([b"", b"k", b"\xff", b"x" * 200])))
    if chance.random() < 0.1:
        headers.append((b"origin", chance.choice([b"null", b"https://x.example", b"http://[", b"\xff"])))
    method = chance.choices(["POST", "GET", "PUT", "OPTIONS", "HEAD"], [40, 1, 1, 1, 1])[0]
    query = chance.choices([b"", b"writeKey=x", b"%ff=%00&&=", b"a" * 500], [30, 1, 1, 1])[0]
    return Input(method, chance.choices(PATHS, [8, 2, 2, 4, 2, 1, 1, 1, 1])[0], query, headers, _cut(chance, body))


def _sound(chance: random.Random) -> bytes:
    events = [make_event(messageId=f"e{n}", properties={"n": n}) for n in range(chance.randint(1, 4))]
    for event in events:
        while chance.random() < 0.4:
            event[chance.choice(NAMES)] = chance.choice(VALUES)
    try:
        lines = [orjson.dumps(event) for event in events]
    except TypeError:  # an integer past 64 bits
        lines = [b'{"messageId":%d}' % 2**70]
    shape = chance.randrange(4)
    if shape == 0:
        return lines[0]
    if shape == 1:
        return b"\n".join(lines)
    many = b"[" + b",".join(lines) + b"]"
    return many if shape == 2 else b'{"sentAt":"x","batch":' + many + b"}"


def _spoil(chance: random.Random, body: bytes) -> bytes:
    """Change a body in a few places, or leave it."""
    spoilt = bytearray(body)
    while chance.random() < 0.6:
        at = chance.randint(0, len(spoilt))
        match chance.randrange(5):
            case 0:
                spoilt[at:at] = chance.choice(TOKENS)
            case 1:
                del spoilt[at : at + chance.randint(1, 20)]
            case 2:
                spoilt[at : at + 1] = bytes([chance.randrange(256)])
            case 3:
                spoilt[at:at] = spoilt[at : at + chance.randint(1, 50)]
            case 4:
                spoilt = spoilt[:at]
    return bytes(spoilt)


def _cut(chance: random.Random, body: bytes) -> list[bytes]:
    at = chance.randint(0, len(body)) if chance.random() < 0.2 else len(body)
    return [body[:at], body[at:]]
