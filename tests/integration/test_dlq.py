"""`ops dlq` against real queues."""

import re

import orjson
import pytest

from ops import local
from shared import packing
from tests.factories import make_line, wait_until
from tests.integration.lab import MAX_RECEIVES, Lab, ops


def make_dead(lab: Lab, *bodies: str) -> None:
    """Receive messages as often as the queue lets, so that it moves them to its dead-letter queue."""
    lab.enqueue(*bodies)
    for _ in range(MAX_RECEIVES + 1):
        for _ in bodies:
            lab.sqs.receive_message(QueueUrl=lab.made.queue_url, MaxNumberOfMessages=10, VisibilityTimeout=0)
    wait_until(lambda: lab.dead == len(bodies), "the messages are dead")


def visible(lab: Lab) -> int:
    name = "ApproximateNumberOfMessages"
    answer = lab.sqs.get_queue_attributes(QueueUrl=lab.made.dead_letter_url, AttributeNames=[name])
    return int(answer["Attributes"][name])


def test_dead_messages_are_listed_shown_and_left_as_they_were(lab: Lab) -> None:
    make_dead(lab, packing.pack([make_line()]), "poison")
    text = ops(lab, "dlq", "ls")
    (message_id,) = re.findall(r"([0-9a-f-]{36}).*decodes: 1 rows", text)

    assert "malformed_json" in text
    assert "touch_sent" in ops(lab, "dlq", "show", message_id)
    assert "2 of 2 messages would be sent back" in ops(lab, "dlq", "redrive", "--all")
    assert visible(lab) == 2


def test_what_is_selected_is_stored_and_the_rest_stays_dead(lab: Lab) -> None:
    make_dead(lab, packing.pack([make_line()]), "poison", packing.pack([make_line(messageId="e2", userId="u2")]))
    ops(lab, "dlq", "redrive", "--match", '"u1"', "--yes")

    assert visible(lab) == 2
    lab.worker()
    lab.wait_until_done()
    lab.assert_once("e1")


def test_everything_is_moved_by_the_server(lab: Lab) -> None:
    make_dead(lab, *(packing.pack([make_line(messageId=f"e{n}")]) for n in range(12)))

    assert "SQS moved 12 messages back to their queue: completed" in ops(lab, "dlq", "redrive", "--all", "--yes")
    assert lab.dead == 0
    lab.worker()
    lab.wait_until_done()
    lab.assert_once(*(f"e{n}" for n in range(12)))


def test_an_event_without_an_id_is_stored_under_its_first_messages_id(lab: Lab) -> None:
    make_dead(lab, orjson.dumps({"userId": "u1", "event": "touch_sent"}).decode())
    (message_id,) = re.findall(r"[0-9a-f-]{36}", ops(lab, "dlq", "ls"))
    ops(lab, "dlq", "redrive", "--all", "--yes")
    lab.worker()
    lab.wait_until_done()
    lab.assert_once(message_id)


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"TOUCHLAKE_QUEUE_URL": ""}, "TOUCHLAKE_QUEUE_URL"),
        ({"AWS_ENDPOINT_URL_SQS": "http://127.0.0.1:9"}, "Could not connect"),
    ],
)
def test_a_queue_that_does_not_answer_is_one_line(lab: Lab, settings: dict[str, str], text: str) -> None:
    assert text in (said := ops(lab, "dlq", "ls", status=1, **settings))
    assert said.count("\n") == 1


def test_a_queue_without_a_dead_letter_queue_is_told(lab: Lab) -> None:
    text = ops(lab, "dlq", "ls", status=1, TOUCHLAKE_QUEUE_URL=lab.made.dead_letter_url)

    assert "has no dead-letter queue" in text
    assert local.backlog(lab.made.dead_letter_url) == 0
