import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import objects
from shared.errors import CorruptObject
from shared.objectstore import Stored
from shared.rows import Row
from tests.factories import make_row

ROW = make_row()


def stored(data: bytes, **attributes: str) -> Stored:
    return Stored(data, "etag", attributes)


@given(st.permutations([make_row(messageId=f"e{n}", timestamp=f"2026-11-22T09:00:0{n % 3}Z") for n in range(6)]))
def test_the_bytes_do_not_depend_on_the_order_of_the_rows(content: list[Row]) -> None:
    assert objects.encode(content) == objects.encode(sorted(content, key=lambda row: row.id))


def test_an_object_is_plain_gzip_of_sorted_lines() -> None:
    late, early = make_row(messageId="a", timestamp="2026-11-22T09:00:01Z"), make_row(messageId="b")
    data = objects.encode([late, early])

    assert gzip.decompress(data) == early.line + b"\n" + late.line + b"\n"
    assert data[:8] == b"\x1f\x8b\x08\0\0\0\0\0"


def test_rows_are_read_back() -> None:
    assert objects.decode(ROW.key, stored(objects.encode([ROW]), **objects.attributes(1))) == [ROW]


def test_an_object_may_say_that_it_holds_no_rows() -> None:
    assert objects.decode(ROW.key, stored(objects.encode([]), **objects.attributes(0))) == []


@pytest.mark.parametrize(
    ("data", "attributes"),
    [
        (b"", {}),
        (b"hello", {}),
        (objects.encode([ROW])[:-9], {}),
        (objects.encode([ROW])[:-8] + b"\0" * 8, {}),
        (gzip.compress(ROW.line), {}),
        (gzip.compress(b"hello\n"), {}),
        (gzip.compress(b"{}\n"), {}),
        (gzip.compress(ROW.line + b"\n\n"), {}),
        (objects.encode([ROW]) + b"junk", {}),
        (objects.encode([make_row(userId="somebody else")]), {}),
        (objects.encode([ROW]), {"touchlake-format": "2"}),
        (objects.encode([]), {}),
        (objects.encode([]), {"touchlake-rows": "1"}),
        (objects.encode([ROW]), {"touchlake-rows": "0"}),
    ],
)
def test_what_we_did_not_write_is_corrupt(data: bytes, attributes: dict[str, str]) -> None:
    with pytest.raises(CorruptObject):
        objects.decode(ROW.key, stored(data, **attributes))
