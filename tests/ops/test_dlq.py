import orjson
import pytest

from ops import deadletters, dlq
from ops.deadletters import Walk
from shared import bodies, packing
from shared.errors import QueueUnavailable
from shared.queue import Received
from tests.factories import make_line
from tests.fakes import FakeQueue, received
from tests.ops.commands import Shell

PACKED = packing.pack([make_line(), make_line(userId="u2")])
FOREIGN = orjson.dumps({"userId": "u7", "event": "touch_sent"}).decode()


def shell(*messages: Received, moves: bool = True) -> Shell:
    made = Shell(dlq.app)
    made.redrive.moves = moves
    made.redrive.dead.waiting = list(messages)
    return made


def dead(made: Shell) -> list[str]:
    """The ids that are in the dead-letter queue and visible."""
    assert made.redrive.dead.in_flight == {}
    return sorted(message.message_id for message in made.redrive.dead.waiting)


def test_ls_says_what_a_worker_makes_of_each_message() -> None:
    made = shell(received(PACKED, "good"), received("poison", "bad"), received(FOREIGN, "foreign"))
    text = made.run("ls")

    assert "decodes: 2 rows" in text
    assert "not an event: malformed_json" in text
    assert "decodes: 1 rows" in text
    assert "3 of about 3 messages" in text
    assert dead(made) == ["bad", "foreign", "good"]


def test_ls_stops_at_its_limit_and_gives_everything_back() -> None:
    made = shell(*(received(PACKED, f"m{n:02}") for n in range(25)))

    assert "3 of about 25 messages" in made.run("ls", "--limit", 3)
    assert len(dead(made)) == 25


def test_show_prints_the_body_and_the_rows() -> None:
    made = shell(received("poison", "bad"), received(PACKED, "good"))

    assert PACKED in (text := made.run("show", "good"))
    assert make_line().decode() in text
    assert "poison" in made.run("show", "bad")
    assert "there is no none" in made.run("show", "none", status=1)
    assert dead(made) == ["bad", "good"]


def test_nothing_moves_without_yes() -> None:
    made = shell(received(PACKED, "good"), received("poison", "bad"))
    text = made.run("redrive", "--all")

    assert "2 of 2 messages would be sent back" in text
    assert "1 of them no worker of this version can read" in text
    assert (dead(made), made.redrive.main.bodies) == (["bad", "good"], [])


def test_everything_is_moved_by_the_server_where_it_can() -> None:
    made = shell(received(PACKED, "good"), received("poison", "bad"))

    assert "SQS moved 2 messages back to their queue: completed" in made.run("redrive", "--all", "--yes")
    assert (dead(made), made.redrive.main.send_calls) == ([], [])


def test_everything_is_moved_by_hand_where_the_server_cannot() -> None:
    made = shell(*(received(PACKED, f"m{n:02}") for n in range(25)), moves=False)

    assert "25 messages sent back" in made.run("redrive", "--all", "--yes")
    assert dead(made) == []
    assert made.redrive.main.bodies == [PACKED] * 25


@pytest.mark.parametrize(
    ("words", "left"),
    [
        (["--match", "u2"], ["bad", "other"]),
        (["--match", "poison"], ["good", "other"]),
        (["--id", "good", "--id", "other"], ["bad"]),
        (["--all", "--decodable"], ["bad"]),
        (["--match", "o", "--decodable"], ["bad"]),
    ],
)
def test_only_what_is_selected_moves(words: list[str], left: list[str]) -> None:
    other = packing.pack([make_line(userId="somebody")])
    made = shell(received(PACKED, "good"), received("poison", "bad"), received(other, "other"))
    made.run("redrive", *words, "--yes")

    assert dead(made) == left


def test_a_message_that_is_not_there_is_said() -> None:
    made = shell(received(PACKED, "good"))

    assert "none of 1 dead messages is selected" in made.run("redrive", "--id", "other", "--yes", status=1)
    assert "give --id, --match or --all" in made.run("redrive", status=2)
    assert "give --id, --match or --all" in made.run("redrive", "--all", "--match", "x", status=2)


def test_a_foreign_event_keeps_the_id_and_the_time_of_its_first_message() -> None:
    """SQS's own move would give it a new message, from which it would take both anew."""
    message = received(FOREIGN, "first-id")
    made = shell(message)
    made.run("redrive", "--all", "--yes")
    (body,) = made.redrive.main.bodies

    assert bodies.read(received(body, "second-id", message.sent_ms + 1000)) == bodies.read(message)


def test_what_the_queue_does_not_take_stays_dead() -> None:
    made = shell(received(PACKED, "good"), moves=False)
    made.redrive.main.is_down = True
    with pytest.raises(QueueUnavailable, match="did not take 1 of 1"):
        made.run("redrive", "--all", "--yes")

    assert (dead(made), made.redrive.main.bodies) == (["good"], [])


def test_an_entry_that_is_refused_is_sent_again_alone() -> None:
    made = shell(received(PACKED, "m1"), received(PACKED, "m2"), moves=False)
    made.redrive.main.faults = [1, "down"]
    made.run("redrive", "--all", "--yes")

    assert (dead(made), made.redrive.main.send_calls) == ([], [2, 1, 1])


def test_what_cannot_be_deleted_is_sent_and_stays() -> None:
    made = shell(received(PACKED, "m1"), moves=False)
    made.redrive.dead.delete_faults = 9

    assert "could not be deleted" in made.run("redrive", "--all", "--yes", status=1)
    assert (dead(made), made.redrive.main.bodies) == (["m1"], [PACKED])


def test_a_walk_that_is_interrupted_gives_everything_back() -> None:
    queue = FakeQueue(waiting=[received(PACKED, f"m{n}") for n in range(12)])

    def look() -> None:
        with Walk(queue) as walk:
            for _ in walk:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        look()

    assert (len(queue.waiting), queue.in_flight) == (12, {})


def test_a_message_that_comes_back_during_a_walk_is_seen_once() -> None:
    queue = FakeQueue(waiting=[received(PACKED, "m1")])
    seen = []
    with Walk(queue) as walk:
        for letter in walk:
            seen.append(letter.message.message_id)
            queue.waiting.append(letter.message._replace(receipt_handle="receipt-2"))

    assert seen == ["m1"]
    assert ("receipt-2", 0) in queue.extended


def test_a_walk_ends_even_if_its_messages_come_back_for_ever() -> None:
    class Restless(FakeQueue):
        def receive(self, *, wait_seconds: int, visibility_seconds: int) -> list[Received]:
            self.in_flight["receipt-m1"] = received(PACKED, "m1")
            return list(self.in_flight.values())

    with Walk(Restless()) as walk:
        assert [letter.message.message_id for letter in walk] == ["m1"]


def test_a_queue_that_does_not_take_its_messages_back_is_told() -> None:
    class Deaf(FakeQueue):
        def change_visibility(self, receipt_handles: object, seconds: int) -> list[int]:
            raise QueueUnavailable("down")

    made = Shell(dlq.app)
    made.redrive.dead = Deaf(waiting=[received(PACKED, "m1")])

    assert f"visible in {deadletters.HOLD_SECONDS // 60} minutes" in made.run("ls")
