import itertools
from collections.abc import Mapping

import pytest

from shared import objects
from shared.errors import CorruptObject, StoreUnavailable
from shared.objectstore import Stored
from shared.suppression import Suppression
from tests.factories import make_message, make_row
from tests.fakes import FakeStore
from worker.lake import Lake, Outcome
from worker.recent import Recent
from worker.window import Group

ROW = make_row()


def make_group(*content: str) -> Group:
    group = Group(ROW.key)
    rows = [make_row(messageId=name) for name in content]
    message = make_message(*rows)
    for row in rows:
        group.add(row, message)
    return group


def ids(store: FakeStore) -> list[str]:
    return [row.id for row in objects.decode(ROW.key, store.objects[ROW.key])]


def test_a_new_object_is_created_with_its_metadata() -> None:
    store = FakeStore()

    assert Lake(store).merge(make_group("a", "b")) == Outcome(added=2, duplicates=0, written=True)
    assert ids(store) == ["a", "b"]
    assert store.objects[ROW.key].attributes == {
        "Content-Type": "application/gzip",
        "touchlake-format": "1",
        "touchlake-rows": "2",
    }


def test_rows_that_are_there_already_are_not_written_again() -> None:
    store = FakeStore()
    Lake(store).merge(make_group("a", "b"))

    assert Lake(store).merge(make_group("b", "b")) == Outcome(added=0, duplicates=2, written=False)
    assert len(store.puts) == 1


def test_a_writer_that_loses_merges_into_the_winners_object() -> None:
    store = FakeStore()

    def rival(_key: str) -> None:
        store.before_put = lambda _: None
        Lake(store).merge(make_group("rival"))

    store.before_put = rival

    assert Lake(store).merge(make_group("a")) == Outcome(added=1, duplicates=0, written=True)
    assert ids(store) == ["a", "rival"]


def test_an_object_deleted_meanwhile_is_created_anew() -> None:
    store = FakeStore()
    Lake(store).merge(make_group("a"))

    def eraser(_key: str) -> None:
        store.before_put = lambda _: None
        del store.objects[ROW.key]

    store.before_put = eraser
    Lake(store).merge(make_group("b"))

    assert ids(store) == ["b"]


def test_a_writer_that_loses_for_ever_gives_up_for_now() -> None:
    store = FakeStore()
    lake = Lake(store)
    etags = itertools.count()

    def rival(key: str) -> None:
        store.objects[key] = Stored(objects.encode([ROW]), f'"{next(etags)}"', {})

    store.before_put = rival
    lake._stop.set()  # no waiting between tries

    with pytest.raises(StoreUnavailable):
        lake.merge(make_group("a"))


def test_an_object_that_is_not_ours_is_left_alone() -> None:
    store = FakeStore(objects={ROW.key: Stored(b"somebody's", '"1"', {})})

    with pytest.raises(CorruptObject):
        Lake(store).merge(make_group("a"))

    assert store.objects[ROW.key].data == b"somebody's"


def suppressing(store: FakeStore, *users: str) -> Suppression:
    store.objects["erased.txt"] = Stored("\n".join(users).encode(), '"1"', {})
    suppression = Suppression(store, "erased.txt")
    suppression.load()
    return suppression


def test_rows_of_an_erased_user_are_dropped() -> None:
    store = FakeStore()
    group = Group(ROW.key)
    message = make_message(ROW, make_row(messageId="e2", anonymousId="gone"))
    for row in message.rows:
        group.add(row, message)

    assert Lake(store, suppression=suppressing(store, "gone")).merge(group) == Outcome(1, 0, written=True, suppressed=1)
    assert ids(store) == ["e1"]
    assert Lake(store, suppression=suppressing(store, "u1")).merge(group) == Outcome(0, 0, written=False, suppressed=2)


def test_without_the_list_nothing_is_written() -> None:
    store = FakeStore()

    with pytest.raises(StoreUnavailable):
        Lake(store, suppression=Suppression(store, "erased.txt")).merge(make_group("a"))

    assert store.puts == []


def trusting(store: FakeStore) -> Lake:
    return Lake(store, recent=Recent(10**6, trusted_share=0))


def test_an_object_that_this_worker_wrote_last_is_not_read_again() -> None:
    store = FakeStore()
    lake = trusting(store)
    lake.merge(make_group("a"))
    lake.merge(make_group("b"))

    assert ids(store) == ["a", "b"]
    assert store.gets == 0


def test_a_wrong_guess_is_refused_and_the_object_read() -> None:
    store = FakeStore()
    lake = trusting(store)
    lake.merge(make_group("a"))
    Lake(store).merge(make_group("rival"))
    read = store.gets

    assert lake.merge(make_group("b")) == Outcome(added=1, duplicates=0, written=True)
    assert ids(store) == ["a", "b", "rival"]
    assert store.gets == read + 1


def test_a_guess_that_nothing_stands_there_overwrites_nothing() -> None:
    store = FakeStore()
    Lake(store).merge(make_group("rival"))
    trusting(store).merge(make_group("a"))

    assert ids(store) == ["a", "rival"]


def test_that_rows_are_there_already_is_not_left_to_a_guess() -> None:
    store = FakeStore()
    lake = trusting(store)
    lake.merge(make_group("a"))
    del store.objects[ROW.key]
    lake.merge(make_group("a"))

    assert ids(store) == ["a"]


def test_after_a_write_of_unknown_outcome_the_object_is_read() -> None:
    class Forgetful(FakeStore):
        def put(self, key: str, data: bytes, attributes: Mapping[str, str], *, replaces: str | None) -> str:
            etag = super().put(key, data, attributes, replaces=replaces)
            if len(self.puts) == 1:
                raise StoreUnavailable("no answer")
            return etag

    store = Forgetful()
    lake = trusting(store)
    with pytest.raises(StoreUnavailable):
        lake.merge(make_group("a"))
    lake.merge(make_group("a", "b"))

    assert ids(store) == ["a", "b"]


def test_guesses_come_to_be_trusted() -> None:
    store = FakeStore()
    lake = Lake(store, recent=Recent(10**7))
    for number in range(400):
        row = make_row(userId=f"u{number}")
        group = Group(row.key)
        group.add(row, make_message(row))
        lake.merge(group)

    assert len(store.objects) == 400
    assert 150 < store.gets < 250
