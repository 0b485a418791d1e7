from collections import Counter
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import events, ledger
from shared.errors import CorruptObject, Refused
from shared.ledger import Cell
from shared.objectstore import Stored
from shared.rows import Row
from tests.factories import WEB, make_row

CELLS = st.builds(
    Cell,
    st.sampled_from(["events", "rejected", "erased"]),
    st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1)).map(lambda moment: f"{moment:%Y-%m-%dT%H}"),  # noqa: DTZ001
    st.text(min_size=1, max_size=5),
)
MARKS = st.dictionaries(CELLS, st.binary(min_size=8, max_size=8).map(lambda mark: bytearray(mark * 3)), max_size=8)


@given(MARKS)
def test_an_entry_is_read_as_it_was_written(marks: dict[Cell, bytearray]) -> None:
    assert dict(ledger.decode("k", Stored(ledger.encode(marks), "e", {}))) == marks


@given(MARKS)
def test_every_cell_goes_to_one_folder_where_its_day_is_looked_for(marks: dict[Cell, bytearray]) -> None:
    parted = ledger.by_folder(marks, date(2026, 11, 22))

    assert Counter(place for part in parted.values() for place in part) == Counter(marks.keys())
    assert all(folder in ledger.folders(place.date) for folder, part in parted.items() for place in part)


@pytest.mark.parametrize(
    ("day", "folder"),
    [("2026-11-15", "2026-11-15"), ("2026-11-23", "2026-11-23"), ("2026-11-14", "older"), ("2031-01-01", "older")],
)
def test_recent_days_have_folders_of_their_own(day: str, folder: str) -> None:
    place = Cell("events", f"{day}T10", "web")

    assert list(ledger.by_folder({place: bytearray(8)}, date(2026, 11, 22))) == [f"ledger/date={folder}/"]


def test_a_row_is_placed_by_its_hour_in_the_lake() -> None:
    refused = events.reject(b"{", WEB, Refused("malformed_json", "x"))

    assert ledger.cell(make_row(timestamp="2026-11-21T23:59:59Z")) == Cell("events", "2026-11-21T23", "web")
    assert ledger.cell(refused) == Cell("rejected", "2026-11-22T10", "web")


def mark(row: Row) -> bytes:
    return ledger.mark(row.key, row.id)


def test_a_mark_tells_events_apart_by_id_user_and_day() -> None:
    event = make_row()
    others = [make_row(messageId="e2"), make_row(userId="u2"), make_row(timestamp="2026-11-21T09:00:00Z")]

    assert mark(event) == mark(make_row(timestamp="2026-11-22T09:30:00Z"))
    assert len({mark(row) for row in [event, *others]}) == 4
    assert list(ledger.each(mark(event) * 2)) == [mark(event)] * 2


def test_an_entry_tells_when_it_was_written() -> None:
    moment = datetime(2026, 11, 22, 10, 0, 0, 123456, tzinfo=UTC)

    assert ledger.written_at(ledger.key("ledger/date=2026-11-22/", moment, "w1")) == moment


@pytest.mark.parametrize("data", [b"junk", ledger.encode({})[:-4], b"\x1f\x8b"])
def test_what_is_no_entry_is_named(data: bytes) -> None:
    with pytest.raises(CorruptObject, match=r"ledger/junk: not an entry"):
        list(ledger.decode("ledger/junk", Stored(data, "e", {})))
    with pytest.raises(CorruptObject, match=r"ledger/junk: not an entry"):
        ledger.written_at("ledger/junk")
