import pytest

from shared import rows
from shared.errors import Undecodable
from tests.factories import make_line, make_row


def test_the_head_of_a_row_is_read_from_its_line() -> None:
    row = make_row(userId="a/b", timestamp="2026-11-21T23:59:59Z")

    assert row.key.endswith("/date=2026-11-21/user=a%2Fb.jsonl.gz")
    assert (row.id, row.sorted_by, row.received_at) == (
        "e1",
        "2026-11-21T23:59:59.000000Z",
        "2026-11-22T10:00:00.000000Z",
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"event_id":"e1",', b""),
        (b'"event_id":"e1"', b'"event_id":""'),
        (b'"user_id":"u1",', b""),
        (b'"user_id":"u1"', b'"user_id":""'),
        (b'"user_id":"u1"', b'"user_id":"%s"' % (b"x" * 1000)),
        (b"2026-11-22T09:00:00.000000Z", b"2026-11-22T09:00:00Z"),
        (b"2026-11-22T09:00:00.000000Z", b"../../../../../../../000Z"),
        (b"2026-11-22T09", b"2026-13-45T99"),
        (b'"received_at":"2026-11-22', b'"received_at":"2026-99-99'),
        (b'"received_at"', b'"received"'),
        (b"}", b""),
        (b'"u1"', b'"\xff"'),
    ],
)
def test_a_line_that_cannot_be_placed_is_undecodable(old: bytes, new: bytes) -> None:
    line = make_line()
    assert old in line

    with pytest.raises(Undecodable):
        rows.parse(line.replace(old, new, 1))
