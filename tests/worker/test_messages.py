import orjson
import pytest
from hypothesis import given

from shared import packing
from shared.errors import Undecodable
from shared.rows import Row
from tests.factories import make_event, make_line, row_sets
from tests.fakes import received
from worker import messages


@given(row_sets())
def test_packed_rows_are_read(content: list[Row]) -> None:
    message = messages.decode(received(packing.pack([row.line for row in content])))

    assert message.rows == content
    assert message.pending == {row.key for row in content}
    assert message.oldest == content[0].received_at


def test_an_event_of_another_producer_takes_time_and_id_from_the_queue() -> None:
    body = orjson.dumps({"userId": "u1", "event": "touch_sent"}).decode()
    (row,) = messages.decode(received(body, "m-7", 1_790_000_000_123)).rows

    assert orjson.loads(row.line) == {
        "event_id": "m-7",
        "type": "track",
        "event": "touch_sent",
        "user_id": "u1",
        "timestamp": "2026-09-21T14:13:20.123000Z",
        "received_at": "2026-09-21T14:13:20.123000Z",
        "source": "queue",
    }


def test_an_event_delivered_twice_gives_the_same_row() -> None:
    body = orjson.dumps({"userId": "u1", "event": "touch_sent"}).decode()

    assert messages.decode(received(body)).rows == messages.decode(received(body)).rows


@pytest.mark.parametrize(
    "body",
    [
        "",
        "hello",
        "5",
        "[]",
        orjson.dumps([make_event()]).decode(),
        orjson.dumps({"event": "x"}).decode(),
        orjson.dumps(make_event(userId="")).decode(),
        orjson.dumps(make_event(touchlake=1)).decode(),
        packing.pack([]),
        packing.pack([b"{}"]),
        packing.pack([make_line(), b"hello"]),
        packing.pack([make_line(), b'{"rejected_id":"x"}']),
    ],
)
def test_anything_else_is_undecodable_as_a_whole(body: str) -> None:
    with pytest.raises(Undecodable):
        messages.decode(received(body))


def test_a_message_is_done_when_each_of_its_objects_is() -> None:
    message = messages.decode(received(packing.pack([make_line(), make_line(userId="u2")])))
    one, other = sorted(message.pending)

    assert not message.settle(one, durable=True)
    assert message.settle(other, durable=True)
    assert not message.spoiled
