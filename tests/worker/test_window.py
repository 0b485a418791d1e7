from hypothesis import given

from shared.rows import Row
from tests.factories import make_message, make_row, row_sets
from worker.window import Window


def make_window(flush_seconds: float = 60, flush_rows: int = 1000, flush_bytes: int = 10**6) -> Window:
    return Window(flush_seconds=flush_seconds, flush_rows=flush_rows, flush_bytes=flush_bytes)


def test_an_empty_window_is_never_due() -> None:
    window = make_window()

    assert window.due_at() is None
    assert window.take(float("inf")) == []


def test_a_window_is_due_when_its_first_row_is_old_enough() -> None:
    window = make_window(flush_seconds=60)
    window.add(make_message(make_row()), 100)
    window.add(make_message(make_row(messageId="e2")), 150)

    assert window.due_at() == 160
    assert window.take(159.9) == []
    assert [len(group.rows) for group in window.take(160)] == [2]
    assert window.due_at() is None


def test_a_window_with_rows_enough_is_due_at_once() -> None:
    window = make_window(flush_rows=2)
    window.add(make_message(make_row()), 100)
    window.add(make_message(make_row(messageId="e2")), 101)

    assert window.due_at() == 101


def test_a_window_with_bytes_enough_is_due_at_once() -> None:
    row = make_row()
    window = make_window(flush_bytes=len(row.line))
    window.add(make_message(row), 100)

    assert window.due_at() == 100


@given(row_sets())
def test_rows_are_grouped_by_object_and_remember_their_messages(content: list[Row]) -> None:
    window = make_window()
    messages = [make_message(row, message_id=str(n)) for n, row in enumerate(content)]
    for message in messages:
        window.add(message, 0)
    groups = window.take(float("inf"))

    assert {group.key for group in groups} == {row.key for row in content}
    assert sum(group.received for group in groups) == len(content)
    for group in groups:
        assert {row.key for row in group.rows.values()} == {group.key}
        assert group.messages == {message for message in messages if message.rows[0].key == group.key}


def test_a_group_that_failed_waits_alone_and_gathers_what_comes_for_it() -> None:
    window = make_window(flush_seconds=60)
    window.add(make_message(make_row(), make_row(userId="u2")), 0)
    failed, _ = window.take(60)
    window.put_back([failed], 90)
    window.add(make_message(make_row(messageId="later")), 70)
    window.add(make_message(make_row(userId="u3")), 75)

    assert window.due_at() == 90
    assert [set(group.rows) for group in window.take(90)] == [{"e1", "later"}]
    assert [group.rows["e1"].key for group in window.take(135)] == [make_row(userId="u3").key]
    assert window.due_at() is None


def test_a_group_that_failed_does_not_fill_the_next_window() -> None:
    window = make_window(flush_rows=2)
    window.add(make_message(make_row(), make_row(messageId="e2")), 0)
    window.put_back(window.take(0), 30)
    window.add(make_message(make_row(userId="u2")), 1)

    assert window.due_at() == 30


def test_two_failures_of_one_object_become_one_group() -> None:
    window = make_window()
    window.add(make_message(make_row(), message_id="m1"), 0)
    first = window.take(60)
    window.add(make_message(make_row(), make_row(messageId="e2"), message_id="m2"), 61)
    second = window.take(121)
    window.put_back(first, 130)
    window.put_back(second, 125)
    (group,) = window.take(125)

    assert set(group.rows) == {"e1", "e2"}
    assert {message.message_id for message in group.messages} == {"m1", "m2"}
    assert group.received == 3
