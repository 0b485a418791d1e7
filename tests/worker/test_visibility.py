from collections.abc import Sequence

from tests.factories import make_message, make_row
from tests.fakes import FakeQueue
from worker.visibility import Visibility


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_only_messages_past_half_of_their_timeout_are_extended() -> None:
    queue, clock = FakeQueue(), Clock()
    visibility = Visibility(queue, 100, clock)
    for number in range(25):
        visibility.hold(make_message(make_row(), message_id=f"m{number}"), since=number)
    clock.now = 60
    visibility.extend_due()

    assert [handle for handle, _ in queue.extended] == [f"receipt-m{number}" for number in range(10)]
    assert {seconds for _, seconds in queue.extended} == {100}


def test_what_was_extended_or_let_go_is_not_extended_again() -> None:
    queue, clock = FakeQueue(), Clock()
    visibility = Visibility(queue, 100, clock)
    stays, goes = make_message(make_row(), message_id="stays"), make_message(make_row(), message_id="goes")
    visibility.hold(stays, since=0)
    visibility.hold(goes, since=0)
    visibility.let_go(goes)
    clock.now = 60
    visibility.extend_due()
    visibility.extend_due()

    assert queue.extended == [("receipt-stays", 100)]


def test_a_heartbeat_that_fails_is_repeated() -> None:
    class Deaf(FakeQueue):
        is_deaf = True

        def change_visibility(self, receipt_handles: Sequence[str], seconds: int) -> list[int]:
            return [0] if self.is_deaf else super().change_visibility(receipt_handles, seconds)

    queue, clock = Deaf(), Clock()
    visibility = Visibility(queue, 100, clock)
    visibility.hold(make_message(make_row()), since=0)
    clock.now = 60
    visibility.extend_due()
    queue.is_deaf = False
    visibility.extend_due()

    assert queue.extended == [("receipt-m1", 100)]
