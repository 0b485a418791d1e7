import random

from hypothesis import given
from hypothesis import strategies as st

from shared import objects
from shared.events import Reception
from shared.rows import Row
from tests.factories import NOW, make_message, make_row, row_sets
from tests.fakes import FakeStore
from worker import merge
from worker.lake import Lake
from worker.window import Window


def of_one_object(content: list[Row]) -> list[Row]:
    return [row for row in content if row.key == content[0].key]


def by_id(content: list[Row]) -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for row in content:
        merge.add(rows, row)
    return rows


@given(row_sets(), row_sets())
def test_merging_is_commutative(one: list[Row], other: list[Row]) -> None:
    assert merge.merge(by_id(one).values(), by_id(other)).rows == merge.merge(by_id(other).values(), by_id(one)).rows


@given(row_sets(), row_sets(), row_sets())
def test_merging_is_associative(a: list[Row], b: list[Row], c: list[Row]) -> None:
    left = merge.merge(merge.merge(by_id(a).values(), by_id(b)).rows.values(), by_id(c)).rows
    right = merge.merge(by_id(a).values(), merge.merge(by_id(b).values(), by_id(c)).rows).rows

    assert left == right


@given(row_sets(), row_sets())
def test_merging_again_changes_nothing(one: list[Row], other: list[Row]) -> None:
    merged = merge.merge(by_id(one).values(), by_id(other))
    again = merge.merge(merged.rows.values(), by_id(other))

    assert (again.rows, again.added, again.changed) == (merged.rows, 0, False)


@given(row_sets(), row_sets())
def test_a_merge_tells_what_it_did(one: list[Row], other: list[Row]) -> None:
    standing = by_id(one)
    merged = merge.merge(standing.values(), by_id(other))

    assert merged.added == len(merged.rows) - len(standing)
    assert merged.changed == (merged.rows != standing)


def test_of_two_rows_with_one_id_the_first_received_stands() -> None:
    first = make_row(properties={"try": 1})
    retry = make_row(Reception(NOW.replace(second=1), "web"), properties={"try": 2})

    assert merge.resolve(first, retry) == merge.resolve(retry, first) == first


@given(row_sets(), st.randoms(use_true_random=False))
def test_any_split_over_windows_workers_orders_and_repeats_gives_the_same_bytes(
    content: list[Row], chance: random.Random
) -> None:
    """The lake is a function of the set of rows: what one calm merge writes, any schedule writes too."""
    calm = FakeStore()
    for key in {row.key for row in content}:
        rows = by_id([row for row in content if row.key == key])
        calm.put(key, objects.encode(rows.values()), {}, replaces=None)
    wild = FakeStore()
    workers = [Window(flush_seconds=1, flush_rows=1000, flush_bytes=10**9) for _ in range(3)]
    deliveries = content + chance.choices(content, k=len(content))
    chance.shuffle(deliveries)
    while deliveries:
        size = chance.randint(1, 4)
        message, deliveries = make_message(*deliveries[:size]), deliveries[size:]
        chance.choice(workers).add(message, 0)
        if chance.random() < 0.3:
            flush(chance.choice(workers), wild)
    for window in workers:
        flush(window, wild)

    assert wild.bytes_by_key() == calm.bytes_by_key()


def flush(window: Window, store: FakeStore) -> None:
    for group in window.take(float("inf")):
        Lake(store).merge(group)
