from pathlib import Path

import orjson
import pytest

from bench import goals, results
from bench.figure import Figure


def make_figure(value: float) -> Figure:
    return Figure(value, 0.5, "x", value, value)


def test_a_partial_run_leaves_the_other_figures(tmp_path: Path) -> None:
    file = tmp_path / "results" / "latest.json"
    results.merge({"single_vs_bare": make_figure(1), "batch_vs_orjson": make_figure(2)}, file)
    results.merge({"single_vs_bare": make_figure(3)}, file)

    assert results.read(file) == {"single_vs_bare": make_figure(3), "batch_vs_orjson": make_figure(2)}
    assert orjson.loads(file.read_bytes())["single_vs_bare"] == {
        "value": 3,
        "goal": 0.5,
        "unit": "x",
        "low": 3,
        "high": 3,
    }


def test_a_figure_that_is_measured_no_more_is_dropped(tmp_path: Path) -> None:
    file = tmp_path / "latest.json"
    results.merge({"of_old": make_figure(1)}, file)

    assert results.read(file) == {}


def test_the_page_keeps_what_stands_around_its_table(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text(f"before\n{results.BEGIN}old\n{results.END}\nafter\n")
    results.write_page({"single_vs_bare": make_figure(0.4)}, page)
    text = page.read_text()

    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "old" not in text
    assert "| `single_vs_bare` | 0.4 | ≥ 0.5 | 0.4 | 0.4 | x | no |" in text


def test_a_figure_selects_its_measurement() -> None:
    assert goals.measurements(["single_vs_bare", "latency"]) == ["single", "latency"]
    assert goals.measurements([]) == list(goals.GOALS)
    with pytest.raises(KeyError):
        goals.measurements(["single", "no_such"])
