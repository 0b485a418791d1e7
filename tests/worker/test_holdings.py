import threading

from tests.factories import make_message, make_row
from tests.fakes import FakeQueue
from worker.holdings import Holdings
from worker.visibility import Visibility
from worker.window import Window


def make_holdings(max_bytes: int = 10**6) -> Holdings:
    window = Window(flush_seconds=0, flush_rows=1000, flush_bytes=10**6)
    return Holdings(window, Visibility(FakeQueue(), 100), max_bytes=max_bytes)


def test_a_message_that_comes_again_is_held_once_with_its_newest_receipt() -> None:
    holdings = make_holdings()
    first, again = make_message(make_row()), make_message(make_row())
    again.receipt_handle = "newest"
    holdings.take_in(first, since=0)
    holdings.take_in(again, since=1)

    assert holdings.messages() == [first]
    assert first.receipt_handle == "newest"
    assert [group.received for group in holdings.take_all()] == [1]


def test_there_is_room_until_the_ceiling_and_again_after() -> None:
    holdings, stop, message = make_holdings(max_bytes=1), threading.Event(), make_message(make_row())
    waited = threading.Event()
    holdings.take_in(message, since=0)

    def wait() -> None:
        holdings.wait_for_room(stop)
        waited.set()

    waiter = threading.Thread(target=wait)
    waiter.start()

    assert not waited.wait(0.05)
    holdings.let_go(message)
    assert waited.wait(10)
    waiter.join(10)


def test_who_waits_is_woken_to_stop() -> None:
    holdings, stop = make_holdings(), threading.Event()
    stop.set()

    assert holdings.wait_until_due(stop) == []
    assert not holdings.wait_for_room(stop)
