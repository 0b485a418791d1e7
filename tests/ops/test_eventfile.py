import gzip
from pathlib import Path

import pytest

from ops import eventfile

CSV = """user_id,session_id,event,timestamp,platform
u1,s1,home,2024-03-13 10:21:14,desktop
u1,s1,home,2024-03-13 10:21:14,desktop
u2,,home,2024-03-13T10:21:14+02:00,
"""


def write(path: Path, text: str) -> Path:
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


@pytest.mark.parametrize("name", ["events.csv", "events.csv.gz", "EVENTS.CSV"])
def test_a_csv_file_gives_events_with_the_rest_as_properties(tmp_path: Path, name: str) -> None:
    first, second, third = eventfile.read(write(tmp_path / name, CSV))

    assert first == {
        "messageId": first["messageId"],
        "userId": "u1",
        "event": "home",
        "timestamp": "2024-03-13T10:21:14+00:00",
        "properties": {"session_id": "s1", "platform": "desktop"},
    }
    assert third.keys() == {"messageId", "userId", "event", "timestamp"}
    assert third["timestamp"] == "2024-03-13T10:21:14+02:00"
    assert second["messageId"] == first["messageId"].removesuffix("0") + "1"


def test_ids_are_the_same_when_the_file_is_read_again_or_has_grown(tmp_path: Path) -> None:
    once = [event["messageId"] for event in eventfile.read(write(tmp_path / "a.csv", CSV))]
    grown = [event["messageId"] for event in eventfile.read(write(tmp_path / "b.csv", CSV + "u3,s,x,,\n"))]

    assert grown[:3] == once
    assert len(set(grown)) == 4


@pytest.mark.parametrize("name", ["events.jsonl", "events.ndjson.gz"])
def test_json_lines_are_taken_as_they_are(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, '{"messageId":"a","userId":1}\n\n{"userId":2}\n')
    first, second = eventfile.read(path)

    assert first == {"messageId": "a", "userId": 1}
    assert second["userId"] == 2
    assert second["messageId"].endswith("-0")


def test_reading_reports_its_progress(tmp_path: Path) -> None:
    path = write(tmp_path / "events.csv", CSV)
    positions: list[int] = []
    list(eventfile.read(path, positions.append))

    assert positions[-1] == path.stat().st_size


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("events.jsonl", '{"a":1}\n{oops\n', "line 2"),
        ("events.jsonl", "[1]\n", "line 1: not a JSON object"),
        ("events.parquet", "", "must end in"),
    ],
)
def test_a_file_that_cannot_be_read_says_where(tmp_path: Path, name: str, text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        list(eventfile.read(write(tmp_path / name, text)))
