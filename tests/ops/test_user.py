from pathlib import Path

import orjson
import pytest

from ops import user
from shared import objects, suppression
from shared.errors import SettingsError
from shared.rows import Row
from tests.factories import make_row
from tests.fakes import FakeStore
from tests.ops.commands import Shell

DAYS = ("2026-11-20", "2026-11-21", "2026-11-22")


def shell() -> Shell:
    made = Shell(user.app, suppress_key="erased.txt")
    for day in DAYS:
        keep(made.store, make_row(userId="u1", messageId=day, timestamp=f"{day}T09:00:00Z", anonymousId="a1"))
    keep(made.store, make_row(userId=None, anonymousId="a1", messageId="before"))
    keep(made.store, make_row(userId="u2", messageId="other"))
    return made


def keep(store: FakeStore, row: Row) -> None:
    store.put(row.key, objects.encode([row]), objects.attributes(1), replaces=None)


def exported(text: str) -> list[str]:
    return [orjson.loads(line)["event_id"] for line in text.splitlines() if line.startswith("{")]


def test_export_prints_every_day_in_order() -> None:
    text = shell().run("export", "u1")

    assert exported(text) == list(DAYS)
    assert "3 rows of 3 days" in text


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--since", "2026-11-21"], DAYS[1:]),
        (["--until", "2026-11-21"], DAYS[:2]),
        (["--since", "2026-11-21", "--until", "2026-11-21"], DAYS[1:2]),
        (["--since", "2026-12-01"], ()),
    ],
)
def test_export_may_be_bounded(words: list[str], expected: tuple[str, ...]) -> None:
    assert exported(shell().run("export", "u1", *words)) == list(expected)


def test_export_of_an_anonymous_id_is_of_that_alone() -> None:
    assert exported(shell().run("export", "a1", "--anonymous")) == ["before"]
    assert exported(shell().run("export", "a1")) == []


def test_export_goes_to_a_file(tmp_path: Path) -> None:
    path = tmp_path / "u1.jsonl"

    assert exported(shell().run("export", "u1", "--output", path)) == []
    assert exported(path.read_text()) == list(DAYS)


def test_nothing_is_erased_without_yes() -> None:
    made = shell()
    before = dict(made.store.objects)
    text = made.run("erase", "u1")

    assert "3 versions of objects would be erased" in text
    assert "1 other ids stand in these rows; erase those that are the person's too: a1" in text
    assert made.store.objects == before


@pytest.mark.parametrize("is_versioned", [True, False])
def test_erase_leaves_nothing_and_keeps_a_line_without_the_id(is_versioned: bool) -> None:
    made = shell()
    made.is_versioned = is_versioned
    text = made.run("erase", "u1", "--yes", "--no-wait")
    (audit,) = [key for key in made.store.objects if key.startswith("audit/erasures/")]
    line = orjson.loads(made.store.objects[audit].data)

    assert "nothing is left" in text
    assert "erase again after 90 s" in text
    assert exported(made.run("export", "u1")) == []
    assert exported(made.run("export", "u2")) == ["other"]
    assert suppression.read(made.store, "erased.txt") == {"u1"}
    assert (line["objects"], line["rows"], line["is_verified"]) == (3, 3, True)
    assert "u1" not in made.store.objects[audit].data.decode()


def test_the_id_is_on_the_list_before_anything_is_erased() -> None:
    made = shell()
    order: list[str] = []
    made.store.before_put = order.append
    made.run("erase", "u1", "--yes", "--no-wait")

    assert order[0] == "erased.txt"
    assert {key.partition("/")[0] for key in order[1:-1]} == {"ledger"}
    assert order[-1].startswith("audit/")


def test_to_erase_again_is_harmless_and_said() -> None:
    made = shell()
    made.run("erase", "u1", "--yes", "--no-wait")
    made.run("erase", "u1", "--yes", "--no-wait")

    assert made.store.objects["erased.txt"].data == b"u1\n"
    assert len([key for key in made.store.objects if key.startswith("audit/")]) == 2


def test_what_cannot_be_read_is_an_error() -> None:
    made = shell()
    made.store.put("rejected/date=2026-11-22/part=00.jsonl.gz", b"junk", {}, replaces=None)

    assert "can't be read" in made.run("erase", "u1", status=1)
    assert "something is left or can't be read" in made.run("erase", "u1", "--yes", "--no-wait", status=1)


def test_without_a_suppression_list_nobody_is_erased() -> None:
    made = shell()
    made.suppress_key = None
    with pytest.raises(SettingsError, match="TOUCHLAKE_SUPPRESS_USERS_S3_KEY is missing"):
        made.run("erase", "u1", "--yes")

    assert len(made.store.objects) == 5


@pytest.mark.parametrize("user_id", ["", "x" * 257])
def test_an_id_that_none_can_have_is_told(user_id: str) -> None:
    assert "1 to 256 bytes" in shell().run("erase", user_id, status=2)
