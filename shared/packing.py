"""Queue messages: many canonical rows in one text body.

    {"touchlake": 1, "count": n, "encoding": "zstd+base64", "rows": "…"}

SQS bills each 64 KiB of payload and holds at most 120,000 messages in flight, so rows travel packed: about 30 bytes
each instead of 340.
"""

import base64
import binascii
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import msgspec
import zstandard

from shared.errors import Undecodable

MESSAGE_BYTES = 190 * 1024
"""Rows of one message before packing. Rows that don't compress then make less than 256 KiB of body, which is what a
queue takes whose limit was not raised; at 10 to 1 it is a third of the 64 KiB that SQS bills as one request. And a bad
object holds back no more than these rows."""
MAX_UNPACKED_BYTES = 16 * 2**20
"""A body that unpacks to more is refused: the API packs far less, so it is a mistake or a bomb."""
_LEVEL = 1  # 0.5 µs an event; higher levels cost more than the bytes they save


class _Packed(msgspec.Struct):
    count: int
    rows: str
    touchlake: Literal[1] = 1
    encoding: Literal["zstd+base64"] = "zstd+base64"


_decoder = msgspec.json.Decoder(_Packed)
_encoder = msgspec.json.Encoder()


def pack(lines: Sequence[bytes]) -> str:
    """Write canonical lines as one message body."""
    packed = zstandard.ZstdCompressor(level=_LEVEL).compress(b"\n".join(lines))
    return _encoder.encode(_Packed(len(lines), base64.b64encode(packed).decode())).decode()


def pack_all(lines: Iterable[bytes]) -> Iterator[str]:
    """Write canonical lines as as few messages as hold them."""
    held: list[bytes] = []
    size = 0
    for line in lines:
        if held and size + len(line) > MESSAGE_BYTES:
            yield pack(held)
            held, size = [], 0
        held.append(line)
        size += len(line)
    if held:
        yield pack(held)


def unpack(body: str) -> list[bytes]:
    """Return the lines of a message body. Raises Undecodable."""
    try:
        packed = _decoder.decode(body)
        data = base64.b64decode(packed.rows, validate=True)
        if zstandard.frame_content_size(data) > MAX_UNPACKED_BYTES:
            raise Undecodable(f"packed rows of more than {MAX_UNPACKED_BYTES} bytes")
        text = zstandard.ZstdDecompressor().decompress(data, max_output_size=MAX_UNPACKED_BYTES, allow_extra_data=False)
    except (msgspec.MsgspecError, binascii.Error, ValueError, zstandard.ZstdError) as error:
        raise Undecodable(f"not packed rows: {error}") from None
    lines = text.split(b"\n") if text else []
    if len(lines) != packed.count:
        raise Undecodable(f"{packed.count} rows announced, {len(lines)} found")
    return lines
