import asyncio
from collections.abc import Awaitable, Coroutine
from typing import Any

import pytest

from api.outbox import ROW_OVERHEAD_BYTES, Outbox
from api.room import Room, RoomTaken
from shared import packing
from shared.errors import QueueUnavailable
from shared.journal import Journal
from shared.rows import Row
from tests.fakes import FakeQueue

BIG = b"x" * 300_000  # more than a message takes beside another


def make_outbox(queue: FakeQueue, **settings: Any) -> Outbox:
    values: dict[str, Any] = {
        "room": Room(10_000_000),
        "journal": Journal(None, every_seconds=60),
        "linger_seconds": 0.02,
        "senders": 2,
        "send_seconds": 2,
    } | settings
    return Outbox(queue, **values)


async def outcomes(*puts: Awaitable[None]) -> list[str]:
    results = await asyncio.wait_for(asyncio.gather(*puts, return_exceptions=True), 20)
    return [type(result).__name__ if result else "confirmed" for result in results]


def raw(line: bytes) -> Row:
    return Row("key", "id", "time", "web", line)


def rows_in(queue: FakeQueue) -> list[bytes]:
    return [line for body in queue.bodies for line in packing.unpack(body)]


def run(main: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(main)


def test_requests_within_the_linger_time_share_a_message() -> None:
    queue = FakeQueue()

    async def main() -> list[str]:
        outbox = make_outbox(queue)
        return await outcomes(*(outbox.put([raw(b"row%d" % n)]) for n in range(50)))

    assert run(main()) == ["confirmed"] * 50
    assert queue.send_calls == [1]
    assert len(rows_in(queue)) == 50


def test_only_the_requests_of_a_failed_entry_fail() -> None:
    """The second of three messages is refused for good: its request fails, its neighbours are confirmed."""
    queue = FakeQueue(faults=[1] + ["down"] * 1000)

    async def main() -> list[str]:
        outbox = make_outbox(queue, send_seconds=0.3)
        return await outcomes(*(outbox.put([raw(BIG + b"%d" % n)]) for n in range(3)))

    assert run(main()) == ["confirmed", "QueueUnavailable", "confirmed"]
    assert len(rows_in(queue)) == 2


def test_a_request_does_not_wait_for_a_neighbours_message_to_be_sent_again() -> None:
    queue = FakeQueue(faults=[1] + ["down"] * 1000)

    async def main() -> bool:
        outbox = make_outbox(queue, send_seconds=5)
        first, second, third = (asyncio.create_task(outbox.put([raw(BIG + b"%d" % n)])) for n in range(3))
        await outcomes(first, third)
        is_answered = second.done()
        second.cancel()
        return is_answered

    assert run(main()) is False


def test_a_failed_entry_is_retried_alone() -> None:
    queue = FakeQueue(faults=[1])

    async def main() -> list[str]:
        outbox = make_outbox(queue)
        return await outcomes(*(outbox.put([raw(BIG + b"%d" % n)]) for n in range(3)))

    assert run(main()) == ["confirmed"] * 3
    assert queue.send_calls == [3, 1]
    assert sorted(line[-1:] for line in rows_in(queue)) == [b"0", b"1", b"2"]


def test_a_lost_answer_is_retried_and_may_enqueue_twice() -> None:
    queue = FakeQueue(faults=["lost"])

    async def main() -> list[str]:
        return await outcomes(make_outbox(queue).put([raw(b"row")]))

    assert run(main()) == ["confirmed"]
    assert rows_in(queue) == [b"row", b"row"]


def test_a_queue_that_is_down_fails_the_request_when_the_time_is_up() -> None:
    queue = FakeQueue(is_down=True)

    async def main() -> list[str]:
        return await outcomes(make_outbox(queue, send_seconds=0.2).put([raw(b"row")]))

    assert run(main()) == ["QueueUnavailable"]
    assert len(queue.send_calls) > 1


def test_past_the_ceiling_a_put_is_refused_at_once_and_room_comes_back() -> None:
    queue = FakeQueue()
    queue.gate.clear()

    async def main() -> list[str]:
        outbox = make_outbox(queue, room=Room(ROW_OVERHEAD_BYTES + 10), linger_seconds=0)
        first = asyncio.create_task(outbox.put([raw(b"12345678")]))
        await asyncio.sleep(0)
        refused = await outcomes(outbox.put([raw(b"123")]))
        queue.gate.set()
        return [*refused, *await outcomes(first), *await outcomes(outbox.put([raw(b"123")]))]

    assert run(main()) == ["RoomTaken", "confirmed", "confirmed"]
    assert rows_in(queue) == [b"12345678", b"123"]


def test_while_every_sender_is_busy_requests_gather() -> None:
    queue = FakeQueue()
    queue.gate.clear()

    async def main() -> None:
        outbox = make_outbox(queue, senders=1, linger_seconds=0)
        puts = [asyncio.create_task(outbox.put([raw(b"first")]))]
        await asyncio.to_thread(queue.reached.wait, 20)
        puts += [asyncio.create_task(outbox.put([raw(b"%d" % n)])) for n in range(30)]
        await asyncio.sleep(0)
        queue.gate.set()
        await asyncio.wait_for(asyncio.gather(*puts), 20)

    run(main())
    assert queue.send_calls == [1, 1]


def test_closing_sends_what_is_held() -> None:
    queue = FakeQueue()

    async def main() -> list[str]:
        outbox = make_outbox(queue, linger_seconds=60)
        put = asyncio.create_task(outbox.put([raw(b"row")]))
        await asyncio.sleep(0)
        await asyncio.wait_for(outbox.close(), 20)
        return await outcomes(put)

    assert run(main()) == ["confirmed"]
    assert rows_in(queue) == [b"row"]


def test_a_client_that_hangs_up_takes_nobody_with_it() -> None:
    queue = FakeQueue()

    async def main() -> list[str]:
        outbox = make_outbox(queue)
        gone = asyncio.create_task(outbox.put([raw(b"gone")]))
        stays = asyncio.create_task(outbox.put([raw(b"stays")]))
        await asyncio.sleep(0)
        gone.cancel()
        return await outcomes(gone, stays)

    assert run(main()) == ["CancelledError", "confirmed"]
    assert rows_in(queue) == [b"gone", b"stays"]


@pytest.mark.parametrize(("spare_bytes", "error"), [(5, RoomTaken), (6, QueueUnavailable)])
def test_a_failed_put_leaves_nothing_held(spare_bytes: int, error: type[Exception]) -> None:
    max_bytes = ROW_OVERHEAD_BYTES + spare_bytes
    room = Room(max_bytes)

    async def main() -> None:
        outbox = make_outbox(FakeQueue(is_down=True), room=room, send_seconds=0.05)
        with pytest.raises(error):
            await outbox.put([raw(b"123456")])

    run(main())
    room.take(max_bytes)
    with pytest.raises(RoomTaken):
        room.take(1)
