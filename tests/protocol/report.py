"""`make model`: play schedules, show what happened in them, and how fast each mutant is found."""

from itertools import zip_longest
from typing import Annotated

import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from shared import logs
from tests.protocol.model import Protocol
from tests.protocol.mutants import MUTANTS
from tests.protocol.search import Search, search

console = Console(highlight=False, soft_wrap=True)


def report(
    schedules: Annotated[int, typer.Option(min=1, help="at most, for the protocol and for each mutant")] = 10_000,
    seed: Annotated[int, typer.Option(help="the same seed plays the same schedules")] = 1,
    show: Annotated[str | None, typer.Option(help="a mutant, to see the smallest schedule that finds it")] = None,
) -> None:
    """Search for a schedule that breaks the protocol, and for one that finds each mutant."""
    logs.configure("model", "CRITICAL")
    if show:
        console.print(_named(show, schedules, seed))
        return
    played = search(Protocol(), schedules=schedules, seed=seed)
    console.print(_steps(played))
    found = {mutant.name: search(mutant, schedules=schedules, seed=seed, shrinks=False) for mutant in MUTANTS}
    console.print(_mutants(found))
    if played.smallest:
        console.print(f"[red]✗[/red] this must not happen:\n{played.smallest}")
    if played.smallest or not all(one.smallest for one in found.values()):
        raise typer.Exit(1)
    console.print("[green]✓[/green] no schedule breaks the protocol, and every mutant is found")


def _named(name: str, schedules: int, seed: int) -> str:
    mutant = next((one for one in MUTANTS if one.name == name), None)
    if mutant is None:
        raise typer.BadParameter(f"one of: {', '.join(one.name for one in MUTANTS)}")
    return str(search(mutant, schedules=schedules, seed=seed).smallest or "not found")


def _steps(played: Search) -> Table:
    counts = played.counts
    title = f"{played.schedules:,} schedules, {counts['steps']:,} steps, {played.seconds:.0f} s of CPU"
    table = _table(title, "what happened", ">times", "", ">times")
    cells = [(kind, f"{counts[kind]:,}") for kind in sorted(counts.keys() - {"steps"})]
    half = -(-len(cells) // 2)
    for left, right in zip_longest(cells[:half], cells[half:], fillvalue=("", "")):
        table.add_row(*left, *right)
    return table


def _mutants(found: dict[str, Search]) -> Table:
    table = _table("The protocol without one of its rules", "mutant", ">schedules", ">seconds", "what broke")
    for name, one in found.items():
        broken = one.smallest.broken if one.smallest else "[red]not found[/red]"
        table.add_row(name, f"{one.schedules:,}", f"{one.seconds:.2f}", broken)
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE)
    for column in columns:
        table.add_column(column.lstrip(">"), justify="right" if column.startswith(">") else "left")
    return table


if __name__ == "__main__":
    typer.run(report)
