import base64

import orjson
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from shared import packing
from shared.errors import Undecodable
from shared.queue import BATCH_BYTES
from tests.factories import JSON_VALUES, TEXT, make_line


@given(st.lists(st.dictionaries(TEXT, JSON_VALUES, max_size=3), max_size=6))
def test_every_row_comes_out_as_it_went_in(documents: list[dict[str, object]]) -> None:
    lines = [make_line(properties=document) for document in documents]

    assert packing.unpack(packing.pack(lines)) == lines


@given(st.lists(st.sampled_from([1, 1000, 100_000, packing.MESSAGE_BYTES, packing.MESSAGE_BYTES + 1]), max_size=12))
def test_many_rows_travel_in_order_and_in_messages_of_bounded_size(sizes: list[int]) -> None:
    lines = [b"%d" % n * size for n, size in enumerate(sizes, 1)]
    messages = [packing.unpack(body) for body in packing.pack_all(lines)]

    assert [line for message in messages for line in message] == lines
    assert all(len(message) == 1 or sum(map(len, message)) <= packing.MESSAGE_BYTES for message in messages)


def test_a_body_is_the_documented_envelope() -> None:
    body = orjson.loads(packing.pack([make_line()]))

    assert body.keys() == {"touchlake", "count", "encoding", "rows"}
    assert (body["touchlake"], body["count"], body["encoding"]) == (1, 1, "zstd+base64")
    assert zstandard.decompress(base64.b64decode(body["rows"])) == make_line()


def envelope(**members: object) -> str:
    good = orjson.loads(packing.pack([make_line()]))
    return orjson.dumps(good | members).decode()


def bomb() -> str:
    zeros = zstandard.ZstdCompressor().compress(b"\n" * (packing.MAX_UNPACKED_BYTES + 1))
    return base64.b64encode(zeros).decode()


@pytest.mark.parametrize(
    "body",
    [
        "",
        "hello",
        "[]",
        "{}",
        envelope(touchlake=2),
        envelope(encoding="gzip"),
        envelope(count=2),
        envelope(rows="***"),
        envelope(rows=base64.b64encode(b"no zstd").decode()),
        envelope(rows=""),
        envelope(rows=bomb()),
        envelope(rows=None),
    ],
)
def test_anything_else_is_undecodable(body: str) -> None:
    with pytest.raises(Undecodable):
        packing.unpack(body)


def test_a_row_that_does_not_compress_still_fits_a_message() -> None:
    line = base64.b64encode(bytes(range(256)) * 1024)[: 256 * 1024]

    assert len(packing.pack([line])) < BATCH_BYTES
