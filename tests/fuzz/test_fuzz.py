"""`make fuzz` feeds a hundred thousand; here are some for every run."""

from tests.fuzz import inputs, target


def test_no_input_brings_an_answer_that_must_not_be() -> None:
    statuses = target.feed(inputs.draw(1, number) for number in range(3000))

    assert {200, 202, 400, 401, 415, 422} <= statuses.keys()


def test_an_input_is_named_by_its_number() -> None:
    assert inputs.draw(1, 7) == inputs.draw(1, 7) != inputs.draw(1, 8)
