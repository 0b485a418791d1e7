import gzip

import pytest

from ops import verification
from shared import events, objects
from shared.errors import Refused
from shared.objectstore import Stored
from tests.factories import WEB, make_row
from tests.fakes import FakeStore

ROW, LATER = make_row(), make_row(messageId="e2", timestamp="2026-11-22T09:00:01Z")


def stored(*lines: bytes, **attributes: str | None) -> Stored:
    kept = {name.replace("_", "-"): value for name, value in attributes.items()}
    merged = {**objects.attributes(len(lines)), **kept}
    data = gzip.compress(b"".join(line + b"\n" for line in lines), mtime=0)
    return Stored(data, '"1"', {name: value for name, value in merged.items() if value is not None})


def test_a_lake_in_order_has_no_problems() -> None:
    refused = events.reject(b"{", WEB, Refused("malformed_json", "x"))
    store = FakeStore()
    for content in ([ROW, LATER], [make_row(userId="u2")], [refused]):
        store.put(content[0].key, objects.encode(content), objects.attributes(len(content)), replaces=None)
    report = verification.verify(store)

    assert (report.objects, report.rows, report.rejected, report.problems) == (2, 3, 1, [])
    assert report.ids == {"e1": 2, "e2": 1}
    assert verification.etags(store) == report.etags


@pytest.mark.parametrize(
    ("found", "problem"),
    [
        (stored(LATER.line, ROW.line), "order"),
        (stored(ROW.line, ROW.line), "an id stands twice"),
        (stored(ROW.line, touchlake_rows="2"), "metadata says 2 rows, there are 1"),
        (stored(ROW.line, touchlake_rows=None), "metadata says None rows"),
        (stored(ROW.line, Content_Type="text/plain"), "Content-Type"),
        (stored(ROW.line, Content_Encoding="gzip"), "Content-Encoding"),
        (stored(ROW.line.replace(b":", b": ", 1)), "canonical"),
        (stored(ROW.line.replace(b"}", b',"colour":1}', 1)), "canonical"),
        (stored(make_row(userId="u2").line), "rows of another object"),
        (stored(b"hello"), "not a row"),
        (Stored(b"hello", '"1"', objects.attributes(1)), "not gzip"),
        (Stored(gzip.compress(ROW.line + b"\n", mtime=1), '"1"', objects.attributes(1)), "name or a time"),
    ],
)
def test_what_is_wrong_with_an_object_is_said(found: Stored, problem: str) -> None:
    problems = verification.check(ROW.key, found)[1]

    assert any(problem in text for text in problems), problems


def test_a_key_that_is_not_ours_is_a_problem() -> None:
    assert "the key is not one of ours" in verification.check("events/other.jsonl.gz", stored(ROW.line))[1]
