"""What terraform/ shares with the code, read from its text: no terraform needed."""

import os
import re
from pathlib import Path

import duckdb
import pytest

from ops import generator
from shared import events, objects, packing, strict_json
from shared.rows import EVENT_COLUMNS, Row
from shared.settings import ALL, PREFIX
from tests.factories import WEB
from tests.terraform.runner import SOURCE

TEXT = {path.name: path.read_text() for path in SOURCE.glob("*.tf")}
NAMES = {PREFIX + field.upper() for owner in ALL for field in owner.model_fields}
DAYS = ("2020-01-01", "2100-01-01")


def test_every_setting_that_terraform_names_exists() -> None:
    named = set(re.findall(r"\bTOUCHLAKE_[A-Z0-9_]+\b", "".join(TEXT.values())))

    assert len(named) > 10
    assert named <= NAMES


def test_the_table_has_the_columns_of_a_row() -> None:
    (listed,) = re.findall(r"event_columns = \[(.*?)\]", TEXT["analytics.tf"], re.DOTALL)

    assert tuple(re.findall(r'"(\w+)"', listed)) == EVENT_COLUMNS


def test_every_page_of_the_runbook_says_what_to_do() -> None:
    pages = sorted((SOURCE.parent / "docs/runbook").glob("*.md"))

    assert pages
    for page in pages:
        text = page.read_text()
        assert text.startswith(f"# {page.stem}\n")
        assert all(f"**{part}" in text for part in ("What it means.", "Look first at", "Do this")), page.name


def test_every_skip_of_a_scanner_has_its_reason() -> None:
    skips = [
        line for path in SOURCE.glob("**/*.tf") for line in path.read_text().splitlines() if "checkov:skip" in line
    ]

    assert skips
    assert [line for line in skips if not re.search(r"checkov:skip=CKV\w+:\S+ \S+", line)] == []


def test_the_largest_message_of_the_api_fits_into_the_queue() -> None:
    """Rows that do not compress: what the API packs into one message, against the queue's limit."""
    (limit,) = re.findall(
        r'variable "max_message_size".*?default\s*= (\d+)',
        TEXT["variables.tf"],
        re.DOTALL,
    )
    body = packing.pack([os.urandom(packing.MESSAGE_BYTES)])

    assert len(body) <= int(limit)


@pytest.fixture
def table(tmp_path: Path) -> duckdb.DuckDBPyConnection:
    """A lake of made-up events, as the Glue table shows it: shard and date are columns, all columns are text."""
    content: dict[str, list[Row]] = {}
    for event in generator.generate(users=40, days=28, seed=5):
        row = events.normalise(strict_json.sound(event), WEB)
        content.setdefault(row.key, []).append(row)
    for key, found in content.items():
        path = tmp_path / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(objects.encode(found))
    columns = ", ".join(f"{name}: 'VARCHAR'" for name in EVENT_COLUMNS)
    options = (
        f"format = 'newline_delimited', columns = {{{columns}}}, "
        "hive_partitioning = true, hive_types = {date: VARCHAR, shard: VARCHAR}"
    )
    connection = duckdb.connect()
    connection.execute(f"CREATE VIEW events AS SELECT * FROM read_json('{tmp_path}/events/**/*.jsonl.gz', {options})")
    return connection


def query(name: str) -> str:
    return (SOURCE / f"queries/{name}.sql").read_text()


def test_the_events_of_a_user_are_found(table: duckdb.DuckDBPyConnection) -> None:
    user, count = table.execute("SELECT user_id, count(*) FROM events GROUP BY 1 ORDER BY 1 LIMIT 1").fetchall()[0]
    found = table.execute(query("events-of-a-user"), [user, *DAYS]).fetchall()

    assert len(found) == count
    assert found == sorted(found, key=lambda row: row[0])


def test_daily_features_count_every_track_event_once(table: duckdb.DuckDBPyConnection) -> None:
    found = table.execute(query("daily-features"), DAYS).fetchall()
    (total,) = table.execute("SELECT count(*) FROM events WHERE type = 'track'").fetchall()[0]

    assert sum(events for _, _, events, _ in found) == total


def test_week_1_retention_is_what_counting_by_hand_gives(table: duckdb.DuckDBPyConnection) -> None:
    found = {
        event: (users, back) for event, users, back, _ in table.execute(query("week-1-retention"), DAYS).fetchall()
    }
    days: dict[str, dict[int, set[str]]] = {}
    listed = table.execute(
        "SELECT user_id, date_diff('day', DATE '2020-01-01', CAST(\"date\" AS date)), event FROM events"
        " WHERE type = 'track' AND user_id IS NOT NULL"
    ).fetchall()
    for user, day, event in listed:
        days.setdefault(user, {}).setdefault(day, set()).add(event)
    by_hand: dict[str, tuple[int, int]] = {}
    for seen in days.values():
        first = min(seen)
        returned = any(7 <= day - first <= 13 for day in seen)
        for event in seen[first]:
            users, back = by_hand.get(event, (0, 0))
            by_hand[event] = (users + 1, back + returned)

    assert found == by_hand
    assert any(0 < back < users for users, back in found.values())
