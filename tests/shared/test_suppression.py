import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import suppression
from shared.errors import CorruptObject, StoreUnavailable
from shared.objectstore import Stored
from shared.suppression import MAX_AGE_SECONDS, Suppression
from tests.factories import HOSTILE_IDS, make_row, wait_until
from tests.fakes import FakeStore

KEY = "erased.txt"


def listing(data: bytes) -> FakeStore:
    return FakeStore(objects={KEY: Stored(data, '"1"', {})})


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_the_list_is_reread_and_the_last_one_counts_while_that_fails() -> None:
    store = listing(b"one")
    known = Suppression(store, KEY, reread_seconds=0.001)
    with known.kept_fresh():
        wait_until(lambda: known.covers("one"), "the list is read")
        store.objects[KEY] = Stored(b"one\ntwo\n", '"2"', {})
        wait_until(lambda: known.covers("two"), "the new list counts")
        store.is_down = True
        gets = store.gets
        wait_until(lambda: store.gets > gets + 3, "it goes on trying")

    assert known.covers("one")
    assert not known.covers("")
    assert not known.covers(None)


@given(st.lists(HOSTILE_IDS | st.sampled_from(["a\nb", 'he said "no"', '"quoted"', "\n", "end\r", "5"]), max_size=6))
def test_every_id_that_is_put_on_the_list_is_on_it(ids: list[str]) -> None:
    store = FakeStore()
    for user_id in ids:
        suppression.add(store, KEY, user_id)

    assert set(ids) <= suppression.read(store, KEY)
    assert all(suppression.add(store, KEY, user_id) is False for user_id in ids)


def test_a_list_written_by_hand_is_kept_as_it_is() -> None:
    store = listing(b"one\r\ntwo")
    suppression.add(store, KEY, "three")

    assert store.objects[KEY].data == b"one\r\ntwo\nthree\n"
    assert suppression.read(store, KEY) == {"one", "two", "three"}


def test_two_who_add_at_once_lose_neither() -> None:
    store = listing(b"one\n")

    def rival(_key: str) -> None:
        store.before_put = lambda _: None
        suppression.add(store, KEY, "rival")

    store.before_put = rival

    assert suppression.add(store, KEY, "mine")
    assert suppression.read(store, KEY) == {"one", "rival", "mine"}


def test_a_list_that_is_not_text_is_not_overwritten() -> None:
    with pytest.raises(CorruptObject, match="not UTF-8"):
        suppression.add(listing(b"\xff"), KEY, "one")


def test_rows_that_name_somebody_on_the_list_are_dropped() -> None:
    known = Suppression(listing(b"gone\n"), KEY)
    known.load()
    content = {
        row.id: row
        for row in (
            make_row(messageId="1", userId="gone"),
            make_row(messageId="2", anonymousId="gone"),
            make_row(messageId="3", userId="stays"),
        )
    }

    assert list(known.keep(content)) == ["3"]


def test_with_a_list_that_is_too_old_nothing_is_written() -> None:
    clock, store = Clock(), listing(b"")
    known = Suppression(store, KEY, clock=clock)
    rows = {"1": make_row()}
    with pytest.raises(StoreUnavailable):
        known.keep(rows)
    known.load()
    clock.now += MAX_AGE_SECONDS

    assert known.keep(rows) == rows
    clock.now += 1
    with pytest.raises(StoreUnavailable, match="not read in the last 60 s"):
        known.keep(rows)


def test_without_a_key_nobody_is_suppressed() -> None:
    rows = {"1": make_row()}

    assert Suppression(FakeStore(is_down=True)).keep(rows) == rows
