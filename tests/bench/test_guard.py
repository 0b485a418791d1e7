from pathlib import Path

import pytest

from bench import guard, paths, samples
from bench.counting import Count, Unstable, count
from shared.intake import Verdicts

(EVENT,) = samples.events(1)


def judge_one() -> Verdicts:
    return paths.judge(EVENT)


def add_up(rounds: int) -> int:
    return sum(abs(number) for number in range(rounds))


def test_the_same_work_counts_the_same() -> None:
    assert count(judge_one, 1) == count(judge_one, 1)


def test_planted_growth_is_found() -> None:
    was = {"path": count(judge_one, 1)}

    assert guard.grown(was, {"path": count(lambda: (judge_one(), abs(-1)), 1)}) == []
    assert guard.grown(was, {"path": count(lambda: (judge_one(), add_up(50)), 1)}) == ["path"]


def test_a_path_that_nobody_accepted_is_found() -> None:
    assert guard.grown({}, {"new": Count(1, 1)}) == ["new"]


def test_less_work_is_no_growth() -> None:
    assert guard.grown({"path": Count(10, 100)}, {"path": Count(5, 109)}) == []


def test_a_baseline_keeps_other_versions_of_python(tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    file.write_text('{"2.7": {"path": {"calls": 1, "bytecodes": 2}}}')
    guard.write({"path": Count(3, 4)}, file)

    assert guard.read(file) == {"2.7": {"path": Count(1, 2)}, guard.PYTHON: {"path": Count(3, 4)}}


def test_work_that_never_repeats_itself_is_refused() -> None:
    rounds = iter(range(1000))

    with pytest.raises(Unstable):
        count(lambda: add_up(next(rounds)), 1)
