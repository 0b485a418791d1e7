"""The part of the cost that is the same on every machine must not grow: `python -m bench.guard`, part of `make check`.

Counts calls and bytecodes an event on the hot paths and compares them with bench/baseline.json, by Python's version.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.table import Table

from bench import paths
from bench.counting import Count, count

FILE = Path(__file__).with_name("baseline.json")
MOST_GROWTH = 1.1
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
Counts = Mapping[str, Count]
console = Console(width=None if sys.stdout.isatty() else 100)


def main(
    accept: Annotated[bool, typer.Option("--accept", help="make what is counted now the baseline")] = False,
) -> None:
    """Fail when a path does more than 10 % more than it did."""
    baseline = read()
    counts = {name: count(work, events) for name, (work, events) in paths.all_paths().items()}
    if accept:
        write(counts)
    elif PYTHON not in baseline:
        console.print(f"bench/baseline.json has nothing for Python {PYTHON}: nothing to compare with.")
        return
    was = counts if accept else baseline[PYTHON]
    console.print(_table(was, counts))
    if worse := grown(was, counts):
        console.print(f"[red]✗[/red] More than 10 % more work: {', '.join(worse)}.", soft_wrap=True, highlight=False)
        console.print("Find out why; if it must be, `python -m bench.guard --accept` writes the new baseline.")
        raise typer.Exit(1)


def grown(was: Counts, now: Counts) -> list[str]:
    """Return the paths that do more than they may, or that nobody has accepted yet."""
    return [
        name
        for name, counted in now.items()
        if name not in was
        or any(after > MOST_GROWTH * before for before, after in zip(was[name], counted, strict=True))
    ]


def read(file: Path = FILE) -> dict[str, dict[str, Count]]:
    """Return the counts of each version of Python."""
    if not file.exists():
        return {}
    versions = orjson.loads(file.read_bytes())
    return {version: {name: Count(**each) for name, each in counts.items()} for version, counts in versions.items()}


def write(counts: Counts, file: Path = FILE) -> None:
    """Keep the counts of this version of Python."""
    versions = {**read(file), PYTHON: counts}
    written = {
        version: {name: each._asdict() for name, each in found.items()} for version, found in sorted(versions.items())
    }
    file.write_bytes(orjson.dumps(written, option=orjson.OPT_INDENT_2) + b"\n")


def _table(was: Counts, now: Counts) -> Table:
    table = Table("path, an event", "calls: was", "is", "change", "bytecodes: was", "is", "change")
    for name, counted in now.items():
        before = was.get(name, Count(0, 0))
        cells = [_cells(*pair) for pair in zip(before, counted, strict=True)]
        table.add_row(name, *cells[0], *cells[1])
    return table


def _cells(was: float, now: float) -> tuple[str, str, str]:
    return f"{was:,.1f}", f"{now:,.1f}", f"{now / was - 1:+.1%}" if was else "new"


if __name__ == "__main__":
    typer.run(main)
