from pathlib import Path

import orjson
import pytest

from ops import rejected
from shared import events, keys, objects, packing
from shared.errors import QueueUnavailable, Refused
from shared.events import Reception
from shared.objectstore import Stored
from shared.rows import Row
from tests.factories import NOW, WEB
from tests.ops.commands import Shell

EARLIER = Reception(NOW.replace(day=20), "ios")


def refused(raw: bytes, reason: str, reception: Reception = WEB) -> Row:
    return events.reject(raw, reception, Refused(reason, f"why {reason} [/b]"))


NO_USER = refused(b'{"event":"x","messageId":"m1"}', "missing_user")
NO_EVENT = refused(b'{"userId":"u1"}', "missing_event", EARLIER)
FIXED = refused(b'{"userId":"u1","event":"x"}', "invalid_event")


def shell(*content: Row) -> Shell:
    made = Shell(rejected.app)
    for row in content:
        made.store.put(row.key, objects.encode([row]), objects.attributes(1), replaces=None)
    return made


def sent(made: Shell) -> list[dict[str, object]]:
    return [orjson.loads(line) for body in made.redrive.main.bodies for line in packing.unpack(body)]


def test_ls_counts_by_day_reason_and_source() -> None:
    made = shell(NO_USER, NO_EVENT, FIXED)
    lines = [line.split("│")[1:-1] for line in made.run("ls").splitlines() if line.startswith("│")]

    assert [tuple(map(str.strip, line)) for line in lines] == [
        ("2026-11-20", "missing_event", "ios", "1"),
        ("2026-11-22", "invalid_event", "web", "1"),
        ("2026-11-22", "missing_user", "web", "1"),
    ]
    assert "1 refused events" in made.run("ls", "--date", "2026-11-20")
    assert "1 refused events" in made.run("ls", "--reason", "missing_user", "--source", "web")
    assert "0 refused events" in made.run("ls", "--source", "android")


def test_ls_each_names_the_events() -> None:
    text = shell(NO_USER, NO_EVENT).run("ls", "--each", "--date", "2026-11-22")

    assert NO_USER.id in text
    assert "why missing_user [/b]" in text
    assert NO_EVENT.id not in text


def test_show_prints_the_body_as_it_came() -> None:
    made = shell(NO_USER, refused(b'{"userId":"u1"}\xff', "malformed_json"))
    text = made.run("show", NO_USER.id)

    assert '{"event":"x","messageId":"m1"}' in text
    assert "reason: missing_user" in text
    assert text == made.run("show", NO_USER.id, "--date", "2026-11-22")
    assert "there is no refused event" in made.run("show", NO_USER.id, "--date", "2026-11-23", status=1)


def test_nothing_is_sent_without_yes() -> None:
    made = shell(NO_USER, FIXED)
    text = made.run("replay")

    assert "pass now; --yes sends them" in text
    assert "still refused: missing_user: give userId or anonymousId" in text
    assert made.redrive.main.bodies == []


def test_what_passes_is_sent_and_the_rest_stays() -> None:
    made = shell(NO_USER, NO_EVENT, FIXED)
    before = made.store.bytes_by_key()

    assert "2 are still refused, and stay as they are" in made.run("replay", "--yes")
    assert [row["event_id"] for row in sent(made)] == [f"{FIXED.id}:0"]
    assert made.store.bytes_by_key() == before


def test_members_are_given_and_taken(tmp_path: Path) -> None:
    made = shell(NO_USER, NO_EVENT)
    patch = tmp_path / "patch.json"
    patch.write_text('{"properties": {"fixed": true}, "event": "by file"}')
    words = ["--set", "userId=u=5", "--set", "event=y", "--drop", "messageId", "--patch", patch]
    made.run("replay", "--id", NO_USER.id, *words, "--yes")

    (row,) = sent(made)
    assert (row["user_id"], row["event"], row["properties"]) == ("u=5", "y", {"fixed": True})
    assert row["event_id"] == f"{NO_USER.id}:0"


def test_a_replay_keeps_the_id_and_the_time_of_receipt() -> None:
    made = shell(NO_EVENT)
    made.run("replay", "--set", "event=x", "--yes")
    made.run("replay", "--set", "event=x", "--yes")
    once, again = sent(made)

    assert once == again
    assert (once["received_at"], once["source"]) == (EARLIER.received_at, "ios")


def test_events_of_who_was_erased_are_not_sent() -> None:
    made = shell(FIXED)
    made.suppress_key = "erased.txt"
    made.store.objects["erased.txt"] = Stored(b"u1\n", '"1"', {})

    assert "still refused: user_suppressed" in made.run("replay", "--yes")
    assert made.redrive.main.bodies == []


def test_a_queue_that_is_away_is_an_error() -> None:
    made = shell(FIXED)
    made.redrive.main.is_down = True
    with pytest.raises(QueueUnavailable, match="did not take 1 of 1"):
        made.run("replay", "--yes")


@pytest.mark.parametrize(
    ("words", "text"),
    [(["--set", "userId"], "--set is MEMBER=TEXT"), (["--date", "yesterday"], "%Y-%m-%d")],
)
def test_what_cannot_be_understood_is_told(words: list[str], text: str) -> None:
    assert text in shell().run("replay", *words, status=2)


@pytest.mark.parametrize("text", ["[1]", "oops"])
def test_a_patch_file_that_is_none_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "patch.json"
    path.write_text(text)

    assert "patch.json" in shell().run("replay", "--patch", path, status=2)


def test_a_refused_event_is_found_by_the_key_that_its_id_gives() -> None:
    made = shell(NO_USER, NO_EVENT)
    gets = made.store.gets
    made.run("show", NO_USER.id)

    assert made.store.gets - gets == 2  # one a day, not one an object
    assert keys.rejected(NO_USER.id, "2026-11-22") in made.store.objects
