"""The consumer with its real threads, over fakes."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from shared import objects, packing
from shared.objectstore import Stored
from shared.queue import BATCH_ENTRIES, Received
from shared.settings import WorkerSettings
from shared.suppression import Suppression
from tests.factories import make_row, wait_until
from tests.fakes import FakeQueue, FakeStore, received
from worker.consumer import Consumer
from worker.lake import Lake

U1, U2 = make_row(), make_row(userId="u2")


def make_settings(**settings: Any) -> WorkerSettings:
    values: dict[str, Any] = {
        "queue_url": "http://sqs.test/1/q",
        "lake_bucket": "lake",
        "worker_flush_seconds": 0.05,
        "worker_drain_seconds": 5,
        "worker_visibility_seconds": 2,
    }
    return WorkerSettings(**values | settings)


@contextmanager
def running(
    queue: FakeQueue, store: FakeStore, suppression: Suppression | None = None, **settings: Any
) -> Iterator[threading.Event]:
    """Run a consumer in a thread; at the end stop it, wait for it, and raise what it died of."""
    stop = threading.Event()
    died: list[BaseException] = []
    consumer = Consumer(make_settings(**settings), queue, Lake(store, suppression=suppression))

    def work() -> None:
        try:
            consumer.run(stop)
        except BaseException as error:  # noqa: BLE001
            died.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        thread.join(20)
        assert not thread.is_alive()
    if died:
        raise died[0]


def put(queue: FakeQueue, message_id: str, *lines: bytes) -> None:
    queue.add(received(packing.pack(lines), message_id))


def ids(store: FakeStore, key: str) -> list[str]:
    return [row.id for row in objects.decode(key, store.objects[key])] if key in store.objects else []


def test_objects_that_fail_do_not_stand_before_others_for_ever() -> None:
    """One writer, and the object that fails may come first: then S3 looks as if it were away."""
    queue, store = FakeQueue(), FakeStore(failing={U1.key})
    put(queue, "bad", U1.line)
    put(queue, "good", U2.line)
    with running(queue, store, worker_writers=1, worker_drain_seconds=0.1):
        wait_until(lambda: queue.deleted == ["good"], "the good one is deleted", 40)

    assert ids(store, U2.key) == ["e1"]


def test_messages_are_deleted_once_their_rows_are_durable() -> None:
    queue, store = FakeQueue(), FakeStore()
    put(queue, "m1", U1.line, U2.line)
    with running(queue, store):
        wait_until(lambda: queue.deleted, "the message is deleted")

    assert (ids(store, U1.key), ids(store, U2.key), queue.deleted) == (["e1"], ["e1"], ["m1"])


def test_one_object_that_cannot_be_written_holds_back_only_the_messages_that_touch_it() -> None:
    queue, store = FakeQueue(), FakeStore(failing={U1.key})
    put(queue, "both", U1.line, U2.line)
    put(queue, "first", U1.line)
    put(queue, "second", U2.line)
    with running(queue, store):
        wait_until(lambda: queue.deleted == ["second"], "the message that can be is deleted")
        put(queue, "third", make_row(userId="u2", messageId="e3").line)
        wait_until(lambda: queue.deleted == ["second", "third"], "others go on")
        store.failing.clear()
        wait_until(lambda: len(queue.deleted) == 4, "the rest follows when the object can be written", 40)

    assert (ids(store, U1.key), ids(store, U2.key)) == (["e1"], ["e1", "e3"])


def test_a_quarantined_object_sends_its_messages_back_and_stops_no_other() -> None:
    queue, store = FakeQueue(), FakeStore(objects={U1.key: Stored(b"not ours", '"1"', {})})
    put(queue, "both", U1.line, U2.line)
    put(queue, "second", U2.line)
    with running(queue, store):
        wait_until(lambda: queue.deleted, "the other message is deleted")

    assert queue.deleted == ["second"]
    assert [message.message_id for message in queue.in_flight.values()] == ["both"]
    assert ids(store, U2.key) == ["e1"]
    assert store.objects[U1.key].data == b"not ours"


def test_a_poison_message_is_left_to_the_redrive_policy() -> None:
    queue, store = FakeQueue(), FakeStore()
    queue.add(received("poison", "bad"))
    put(queue, "good", U1.line)
    with running(queue, store):
        wait_until(lambda: queue.deleted == ["good"], "the good message is deleted")

    assert [message.message_id for message in queue.in_flight.values()] == ["bad"]
    assert queue.extended == []


def test_told_to_stop_it_writes_the_open_window_first() -> None:
    queue, store = FakeQueue(), FakeStore()
    put(queue, "m1", U1.line)
    with running(queue, store, worker_flush_seconds=3600) as stop:
        wait_until(lambda: queue.in_flight, "the message is held")
        stop.set()

    assert (ids(store, U1.key), queue.deleted) == (["e1"], ["m1"])


def test_told_to_stop_without_s3_it_gives_the_messages_back() -> None:
    queue, store = FakeQueue(), FakeStore(is_down=True)
    put(queue, "m1", U1.line)
    with running(queue, store, worker_drain_seconds=0.2) as stop:
        wait_until(lambda: queue.in_flight, "the message is held")
        stop.set()

    assert ("receipt-m1", 0) in queue.extended
    assert [message.message_id for message in queue.waiting] == ["m1"]
    assert queue.deleted == []


def test_while_s3_is_away_messages_stay_invisible_and_are_stored_after() -> None:
    queue, store = FakeQueue(), FakeStore(is_down=True)
    put(queue, "m1", U1.line)
    with running(queue, store):
        wait_until(lambda: ("receipt-m1", 2) in queue.extended, "its visibility is extended")
        assert queue.deleted == []
        store.is_down = False
        wait_until(lambda: queue.deleted == ["m1"], "it is stored when S3 is back", 40)

    assert ids(store, U1.key) == ["e1"]


def test_past_the_ceiling_it_stops_polling() -> None:
    queue, store = FakeQueue(), FakeStore(is_down=True)
    for number in range(40):
        put(queue, f"m{number}", U1.line)
    with running(queue, store, worker_held_bytes=1, worker_pollers=1, worker_drain_seconds=0.1):
        wait_until(lambda: queue.in_flight, "one receive is held")
        wait_until(lambda: queue.extended, "it is held for a while")
        assert len(queue.in_flight) == BATCH_ENTRIES
        store.is_down = False
        wait_until(lambda: len(queue.deleted) == 40, "the rest follows when there is room", 40)

    assert ids(store, U1.key) == ["e1"]


def test_a_message_that_comes_again_while_held_is_held_once() -> None:
    queue, store = FakeQueue(), FakeStore()
    put(queue, "m1", U1.line)
    with running(queue, store, worker_flush_seconds=3600) as stop:
        wait_until(lambda: "receipt-m1" in queue.in_flight, "the message is held")
        again = received(packing.pack([U1.line]), "m1")._replace(receipt_handle="receipt-2")
        queue.add(again)
        wait_until(lambda: "receipt-2" in queue.in_flight, "it comes again")
        stop.set()

    assert queue.deleted == ["m1"]
    assert len(queue.in_flight) == 1  # the other receipt; which one was the newest in time is test_holdings' matter
    assert ids(store, U1.key) == ["e1"]


def test_a_delete_that_fails_is_tried_again() -> None:
    queue, store = FakeQueue(delete_faults=2), FakeStore()
    put(queue, "m1", U1.line)
    with running(queue, store):
        wait_until(lambda: queue.deleted == ["m1"], "it is deleted in the end")


def test_a_thread_that_dies_ends_the_worker() -> None:
    class Broken(FakeQueue):
        def receive(self, *, wait_seconds: int, visibility_seconds: int) -> list[Received]:
            raise ZeroDivisionError

    queue, store = Broken(), FakeStore()

    with pytest.raises(ZeroDivisionError), running(queue, store) as stop:
        assert stop.wait(10)


def test_a_mistake_with_one_object_costs_no_other() -> None:
    class Broken(FakeStore):
        def get(self, key: str) -> Stored | None:
            if key == U1.key:
                raise ZeroDivisionError
            return super().get(key)

    queue, store = FakeQueue(), Broken()
    put(queue, "bad", U1.line)
    put(queue, "good", U2.line)
    with running(queue, store):
        wait_until(lambda: queue.deleted == ["good"], "the other message is deleted")

    assert [message.message_id for message in queue.in_flight.values()] == ["bad"]


class SlowStore(FakeStore):
    """A bucket whose writes wait for a gate."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = threading.Event()
        self.gate = threading.Event()
        self.before_put = self._wait

    def _wait(self, _key: str) -> None:
        self.reached.set()
        assert self.gate.wait(30)


def test_a_write_that_runs_past_the_drain_does_not_keep_the_worker() -> None:
    queue, store = FakeQueue(), SlowStore()
    put(queue, "m1", U1.line, U2.line)
    with running(queue, store, worker_drain_seconds=0.3, worker_writers=1) as stop:
        assert store.reached.wait(10)
        stop.set()

    assert [message.message_id for message in queue.waiting] == ["m1"]
    assert queue.deleted == []
    store.gate.set()


def test_the_drains_own_flush_ends_with_the_drain() -> None:
    queue, store = FakeQueue(), SlowStore()
    put(queue, "m1", U1.line)
    with running(queue, store, worker_flush_seconds=3600, worker_drain_seconds=0.3) as stop:
        wait_until(lambda: queue.in_flight, "the message is held")
        stop.set()

    assert [message.message_id for message in queue.waiting] == ["m1"]
    store.gate.set()


def test_a_worker_that_dies_does_not_spend_its_drain_first() -> None:
    """Its drain would take an hour; the deadline of `running` is 20 seconds."""

    class Broken(FakeQueue):
        def receive(self, *, wait_seconds: int, visibility_seconds: int) -> list[Received]:
            if self.in_flight:
                raise ZeroDivisionError
            return super().receive(wait_seconds=wait_seconds, visibility_seconds=visibility_seconds)

    queue, store = Broken(), FakeStore(is_down=True)
    put(queue, "m1", U1.line)
    with pytest.raises(ZeroDivisionError), running(queue, store, worker_drain_seconds=3600) as stop:
        assert stop.wait(10)

    assert [message.message_id for message in queue.waiting] == ["m1"]


def test_a_message_of_an_erased_user_is_deleted_and_not_stored() -> None:
    queue, store = FakeQueue(), FakeStore(objects={"erased.txt": Stored(b"u1\n", '"1"', {})})
    put(queue, "m1", U1.line, U2.line)
    put(queue, "m2", U1.line)
    suppression = Suppression(store, "erased.txt")
    with suppression.kept_fresh(), running(queue, store, suppression=suppression):
        wait_until(lambda: len(queue.deleted) == 2, "both messages are deleted", 40)

    assert store.puts == [U2.key]
