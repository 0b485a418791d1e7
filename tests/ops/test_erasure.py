"""Erasing a person from a lake in memory, with and without versioning, and with workers at the same lake."""

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given

from ops import verification
from ops.erasure import Erasure, Person
from shared import events, keys, objects
from shared.errors import Refused
from shared.objectstore import Stored
from shared.rows import Row
from shared.suppression import Suppression
from tests.factories import HOSTILE_IDS, WEB, make_message, make_row
from tests.fakes import FakeStore, FakeVersions
from worker.lake import Lake
from worker.window import Group

GONE = Person("gone")
BOTH = pytest.mark.parametrize("is_versioned", [True, False], ids=["versioned", "unversioned"])


def refused(raw: bytes) -> Row:
    return events.reject(raw, WEB, Refused("invalid_event", "x"))


def twin(raw: bytes) -> tuple[Row, Row]:
    """Return a refused row, and one of somebody else that stands in the same object."""
    mine = refused(raw)
    others = (refused(b'{"userId":"stays","n":%d}' % number) for number in range(10_000))
    return mine, next(row for row in others if row.key == mine.key)


def merge(store: FakeStore, content: Iterable[Row], suppression: Suppression | None = None) -> None:
    """Write rows as a worker does."""
    by_key: dict[str, list[Row]] = {}
    for row in content:
        by_key.setdefault(row.key, []).append(row)
    for key, found in by_key.items():
        group, message = Group(key), make_message(*found)
        for row in found:
            group.add(row, message)
        Lake(store, suppression=suppression).merge(group)


def erase(store: FakeStore, person: Person, *, is_versioned: bool = True, **more: Any) -> Any:
    settle = more.pop("settle", lambda: 0.0)
    return Erasure(store, FakeVersions(store, is_versioned), person, **more).erase_until_gone(settle)


def ids(store: FakeStore) -> set[str]:
    report = verification.verify(store)
    assert report.problems == []
    return set(report.ids)


def remains(store: FakeStore, text: bytes) -> list[str]:
    """The keys of every object, of now and before, that has a text in it."""
    kept = [(key, stored) for key, versions in store.history.items() for stored in versions.values() if stored]
    kept += [(key, stored) for key, stored in store.objects.items() if keys.is_ours(key)]
    return [key for key, stored in kept if any(text in row.line for row in objects.decode(key, stored))]


@BOTH
def test_every_day_and_every_version_of_a_person_goes_and_nobody_elses(is_versioned: bool) -> None:
    store = FakeStore()
    for day in (19, 20, 21):
        merge(store, [make_row(userId="gone", messageId=f"a{day}", timestamp=f"2026-11-{day}T09:00:00Z")])
        merge(store, [make_row(userId="gone", messageId=f"b{day}", timestamp=f"2026-11-{day}T09:00:00Z")])
    merge(store, [make_row(userId="stays", messageId="s1"), make_row(userId=None, anonymousId="gone", messageId="s2")])
    audit = erase(store, GONE, is_versioned=is_versioned)

    assert ids(store) == {"s1", "s2"}
    if is_versioned:
        assert remains(store, b'"user_id":"gone"') == []
    assert (audit.objects, audit.versions, audit.rows) == (3, 6 if is_versioned else 3, 6)
    assert audit.is_verified
    assert "gone" not in repr(audit)


@BOTH
def test_refused_events_that_name_a_person_go_and_their_neighbours_stay(is_versioned: bool) -> None:
    store = FakeStore()
    mine, other = twin(b'{"userId":"gone"}')
    alone = refused(b'{"anonymousId":"gone","event":5')
    merge(store, [mine])
    merge(store, [other, alone])
    audit = erase(store, GONE, is_versioned=is_versioned)

    assert audit.is_verified
    assert audit.refused_rows == 2
    assert [row.id for row in objects.decode(other.key, store.objects[other.key])] == [other.id]
    assert objects.decode(alone.key, store.objects[alone.key]) == []
    assert verification.verify(store).problems == []
    if is_versioned:
        assert [stored for key in (mine.key, alone.key) for stored in store.history[key].values()] == [
            store.objects[mine.key],
            store.objects[alone.key],
        ]


def test_what_an_erasure_that_broke_off_left_in_old_versions_is_found() -> None:
    store = FakeStore()
    mine, other = twin(b'{"userId":"gone"}')
    merge(store, [mine, other])
    erasure = Erasure(store, FakeVersions(store), GONE)
    erasure._rewrite(mine.key)
    assert list(erasure.find().refused) == [mine.key]
    erase(store, GONE)

    assert remains(store, b"gone") == []


def test_a_day_that_was_deleted_by_hand_goes_with_its_marker() -> None:
    store, row = FakeStore(), make_row(userId="gone")
    merge(store, [row])
    store.history[row.key]["v9"] = None
    del store.objects[row.key]
    audit = erase(store, GONE)

    assert (audit.versions, audit.rows, store.history) == (2, 0, {})


def test_a_worker_that_read_the_list_before_brings_nothing_back() -> None:
    store = FakeStore(objects={"erased.txt": Stored(b"", '"1"', {})})
    stale = Suppression(store, "erased.txt")
    stale.load()
    late = [make_row(userId="gone", messageId="late"), refused(b'{"userId":"gone"}'), make_row(userId="stays")]
    merge(store, [make_row(userId="gone")])

    def settle() -> float:
        merge(store, late, stale)
        return 90

    audit = erase(store, GONE, settle=settle)

    assert audit.is_verified
    assert (audit.waited_seconds, audit.rows, audit.refused_rows) == (90, 2, 1)
    assert ids(store) == {"e1"}
    assert remains(store, b"gone") == []


def test_a_worker_that_writes_during_the_rewrite_loses_nothing() -> None:
    store = FakeStore()
    mine, other = twin(b'{"userId":"gone"}')
    merge(store, [mine])

    def rival(_key: str) -> None:
        store.before_put = lambda _: None
        merge(store, [other])

    store.before_put = rival

    assert erase(store, GONE).is_verified
    assert objects.decode(other.key, store.objects[other.key]) == [other]


def test_the_ledger_would_be_told_what_goes() -> None:
    store, told = FakeStore(), dict[str, list[str]]()
    mine, other = twin(b'{"userId":"gone"}')
    merge(store, [make_row(userId="gone", messageId="a"), make_row(userId="gone", messageId="b"), mine, other])
    erase(store, GONE, erased=told.__setitem__)

    assert told == {keys.events("gone", None, "2026-11-22"): ["a", "b"], mine.key: [mine.id]}


def test_refused_events_that_cannot_be_read_are_not_called_clean() -> None:
    store = FakeStore()
    store.put("rejected/date=2026-11-22/part=00.jsonl.gz", b"junk", {}, replaces=None)
    found = Erasure(store, FakeVersions(store), GONE).find()

    assert found.unreadable == ["rejected/date=2026-11-22/part=00.jsonl.gz"]
    assert not erase(store, GONE).is_verified
    assert store.objects[found.unreadable[0]].data == b"junk"


def test_a_persons_own_object_goes_even_if_it_cannot_be_read() -> None:
    store, key = FakeStore(), keys.events("gone", None, "2026-11-22")
    store.put(key, b"junk", {}, replaces=None)

    assert erase(store, GONE).is_verified
    assert store.objects == {}


def test_the_other_ids_of_a_person_are_named() -> None:
    store = FakeStore()
    merge(store, [make_row(userId="gone", anonymousId="browser"), make_row(userId="stays", anonymousId="phone")])

    assert Erasure(store, FakeVersions(store), GONE).find().others == {"browser"}


def test_an_id_that_begins_like_another_ones_object_is_not_erased_with_it() -> None:
    """`user=a.jsonl.gz.jsonl.gz` begins with `user=a.jsonl.gz`, and a listing goes by what keys begin with."""
    short, long = next(
        (f"a{n}", f"a{n}.jsonl.gz")
        for n in range(1000)
        if Person(f"a{n}").dates_prefix == Person(f"a{n}.jsonl.gz").dates_prefix
    )
    store = FakeStore()
    merge(store, [make_row(userId=short, messageId="short"), make_row(userId=long, messageId="long")])
    erase(store, Person(short))

    assert ids(store) == {"long"}


@given(HOSTILE_IDS, HOSTILE_IDS)
def test_any_id_is_erased_and_no_other(gone: str, stays: str) -> None:
    store = FakeStore()
    merge(store, [make_row(userId=gone, messageId="a"), make_row(userId=None, anonymousId=gone, messageId="b")])
    if stays != gone:
        merge(store, [make_row(userId=stays, messageId="c")])

    assert erase(store, Person(gone)).is_verified
    assert ids(store) == ({"b"} if stays == gone else {"b", "c"})
    assert erase(store, Person(gone, is_anonymous=True)).is_verified
    assert ids(store) == (set() if stays == gone else {"c"})
