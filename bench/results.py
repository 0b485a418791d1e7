"""The figures of the latest run, in a file, on the screen and in docs/performance.md."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import orjson
from rich.table import Column, Table

from bench import goals
from bench.figure import Figure, Goal, form

FILE = Path(__file__).parent / "results" / "latest.json"
PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
BEGIN, END = "<!-- report -->\n", "<!-- end of report -->"
COLUMNS = ("figure", "value", "goal", "low", "high", "unit", "met")
Figures = Mapping[str, Figure]


def read(file: Path = FILE) -> dict[str, Figure]:
    """Return what was measured last of each figure that is still measured."""
    if not file.exists():
        return {}
    return {name: Figure(**found) for name, found in orjson.loads(file.read_bytes()).items() if goals.of(name)}


def merge(figures: Figures, file: Path = FILE) -> None:
    """Write figures over those of the same name; the others stay."""
    file.parent.mkdir(parents=True, exist_ok=True)
    merged = {**read(file), **figures}
    written = {name: figure._asdict() for name, figure in merged.items()}
    file.write_bytes(orjson.dumps(written, option=orjson.OPT_INDENT_2))


def table(figures: Figures) -> Table:
    """Return a table for the screen."""
    shown = Table(*(Column(name, no_wrap=True) for name in COLUMNS))
    for cells in rows(figures):
        shown.add_row(*cells, style="red" if cells[-1] == "no" else None)
    return shown


def rows(figures: Figures) -> list[list[str]]:
    """Return the cells of each figure, in the order of the goals."""
    order = [name for measured in goals.GOALS.values() for name in measured]
    return [_cells(name, figures[name]) for name in order if name in figures]


def write_page(figures: Figures, page: Path = PAGE) -> None:
    """Put a table into the page, between its marks."""
    lines = [
        f"Written on {datetime.now(UTC):%Y-%m-%d}: what was measured last of each, on two cores of a shared machine.\n",
        "| " + " | ".join(COLUMNS) + " |",
        "|---|" + "---:|" * 4 + "---|---|",
        *("| " + " | ".join([f"`{name}`", *cells]) + " |" for name, *cells in rows(figures)),
    ]
    before, _, rest = page.read_text().partition(BEGIN)
    page.write_text(before + BEGIN + "\n".join(lines) + "\n" + END + rest.partition(END)[2])


def _cells(name: str, figure: Figure) -> list[str]:
    goal = goals.of(name) or Goal(figure.unit)
    met = "" if goal.bound is None else "yes" if goal.is_met(figure.value) else "no"
    return [name, form(figure.value), str(goal), form(figure.low), form(figure.high), figure.unit, met]
