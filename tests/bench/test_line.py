import pytest

from bench.line import Cohort, Line


def make_line(*cohorts: tuple[float, float, float]) -> Line:
    line = Line()
    line.put(Cohort(*cohort) for cohort in cohorts)
    return line


def test_first_in_is_first_out_and_a_cohort_can_be_split() -> None:
    line = make_line((1, 10, 5), (2, 10, 10))

    assert line.take(12) == [Cohort(1, 10, 5), Cohort(2, 2, 2)]
    assert (line.events, line.messages, line.oldest) == (8, 8, 2)


def test_messages_limit_what_is_taken() -> None:
    line = make_line((1, 10, 5), (2, 10, 10))

    assert sum(cohort.events for cohort in line.take(100, messages=6)) == pytest.approx(11)


def test_what_came_too_late_stays() -> None:
    line = make_line((1, 10, 1), (2, 10, 1))

    assert line.take(100, since=1) == [Cohort(1, 10, 1)]
    assert line.oldest == 2


def test_what_is_put_back_is_first_again() -> None:
    line = make_line((1, 10, 1), (2, 10, 1), (3, 10, 1))

    line.put_back(line.take(20))

    assert [cohort.since for cohort in line.take(30)] == [1, 2, 3]
    assert (line.events, line.messages, line.oldest) == (0, 0, None)


@pytest.mark.parametrize("events", [0, -1])
def test_nothing_is_taken_where_there_is_no_room(events: float) -> None:
    line = make_line((1, 10, 1))

    assert line.take(events) == []
    assert line.events == 10
