"""A request's body: read under a cap, unpacked."""

import zlib
from functools import lru_cache
from http import HTTPStatus

import zstandard
from starlette.types import Receive

from api.head import Head
from api.problems import Problem
from api.room import Room
from shared.parts import NDJSON, NDJSON_TYPES

_JSON_TYPES = frozenset({"application/json", "text/plain", ""})  # text/plain: what sendBeacon sends without preflight
_ENCODINGS = ("gzip", "deflate", "zstd")


async def read(head: Head, receive: Receive, max_bytes: int, room: Room) -> bytes:
    """Return the unpacked body; what has come of it takes up room until it is whole. Its time is kept by `protocol`.

    Raises Problem 413 past the cap (either way), 415, 400, 408 when the client left; RoomTaken.
    """
    encoding = head.get(b"content-encoding").strip().lower()
    if encoding not in ("", "identity", *_ENCODINGS):
        headers = {"Accept-Encoding": ", ".join(_ENCODINGS)}
        detail = f"Content-Encoding may be {', '.join(_ENCODINGS)}; not {encoding[:64]!r}"
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported_encoding", detail, headers=headers)
    data = await _read_capped(head, receive, max_bytes, room)
    return data if encoding in ("", "identity") else _unpack(data, encoding, max_bytes)


@lru_cache(256)
def media_type(content_type: str) -> str:
    """Return the media type in lower case, without parameters. Raises Problem 415."""
    kind, *parameters = (text.strip() for text in content_type.lower().split(";"))
    charsets = {text.removeprefix("charset=").strip('"') for text in parameters if text.startswith("charset=")}
    if kind not in _JSON_TYPES | NDJSON_TYPES or not charsets <= {"utf-8", "utf8"}:
        detail = f"send application/json, {NDJSON} or text/plain, in UTF-8"
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail)
    return kind


async def _read_capped(head: Head, receive: Receive, max_bytes: int, room: Room) -> bytes:
    announced = head.get(b"content-length")
    if announced.isdigit() and int(announced) > max_bytes:
        raise _too_large(max_bytes)
    data = bytearray()
    is_whole = False
    try:
        while not is_whole:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Problem(HTTPStatus.REQUEST_TIMEOUT, "disconnected", "the client left before the body was here")
            chunk = message.get("body", b"")
            (room.take_more if data else room.take)(len(chunk))
            data += chunk
            if len(data) > max_bytes:
                raise _too_large(max_bytes)
            is_whole = not message.get("more_body", False)
    finally:
        room.give_back(len(data))
    return bytes(data)


def _unpack(data: bytes, encoding: str, max_bytes: int) -> bytes:
    try:
        unpacked = _unzstd(data, max_bytes) if encoding == "zstd" else _inflate(data, encoding, max_bytes)
    except (zlib.error, zstandard.ZstdError, EOFError) as error:
        detail = f"the body is not {encoding}: {error}"
        raise Problem(HTTPStatus.BAD_REQUEST, "malformed_encoding", detail) from None
    if len(unpacked) > max_bytes:
        raise _too_large(max_bytes)
    return unpacked


def _inflate(data: bytes, encoding: str, max_bytes: int) -> bytes:
    """Unpack at most a byte more than the cap. HTTP's deflate is zlib's format; some clients send it bare."""
    bare = encoding == "deflate" and data[:1] and data[0] & 0x0F != 8  # noqa: PLR2004  # zlib's method nibble
    window_bits = 31 if encoding == "gzip" else -15 if bare else 15
    inflater = zlib.decompressobj(window_bits)
    unpacked = inflater.decompress(data, max_bytes + 1)
    if len(unpacked) <= max_bytes and not inflater.eof:
        raise EOFError("it ends too early")
    if inflater.unused_data:
        raise EOFError("something follows its end: send one member")
    return unpacked


def _unzstd(data: bytes, max_bytes: int) -> bytes:
    with zstandard.ZstdDecompressor(max_window_size=2**27).stream_reader(data) as reader:
        unpacked = reader.read(max_bytes + 1)
    if len(unpacked) <= max_bytes:  # so the frame is known to be small, and may be unpacked without a cap
        frame = zstandard.ZstdDecompressor(max_window_size=2**27).decompressobj()
        unpacked = frame.decompress(data)
        if not frame.eof or frame.unused_data:
            raise EOFError("it ends too early, or something follows its end: send one frame")
    return unpacked


def _too_large(max_bytes: int) -> Problem:
    detail = f"a request holds at most {max_bytes} bytes, unpacked too: send it in parts"
    return Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", detail)
