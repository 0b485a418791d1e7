from itertools import count

import pytest

from shared import packing
from shared.queue import Received
from tests.factories import make_line
from tests.fakes import FakeQueue, received
from worker.holdings import Holdings
from worker.poller import Poller
from worker.visibility import Visibility
from worker.window import Window

_numbers = count()


class StopAfter:
    """An event that is set after so many looks at it, and that notes for how long it is waited."""

    def __init__(self, looks: int) -> None:
        self._looks = looks
        self.waits: list[float] = []

    def is_set(self) -> bool:
        self._looks -= 1
        return self._looks < 0

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        return False


def message() -> Received:
    name = f"m{next(_numbers)}"
    return received(packing.pack([make_line(messageId=name)]), name)


@pytest.mark.parametrize(("waiting", "pauses"), [(0, 0), (1, 1), (7, 1), (8, 0), (10, 0)])
def test_after_a_receive_of_few_messages_more_may_gather(waiting: int, pauses: int) -> None:
    queue = FakeQueue(waiting=[message() for _ in range(waiting)])
    holdings = Holdings(
        Window(flush_seconds=60, flush_rows=1000, flush_bytes=10**6), Visibility(queue, 120), max_bytes=10**9
    )
    stop = StopAfter(looks=2)
    Poller(queue, holdings, poll_seconds=20, gather_seconds=2, visibility_seconds=120).run(stop)  # type: ignore[arg-type]

    assert stop.waits == [2] * pauses
    assert len(holdings.messages()) == waiting
