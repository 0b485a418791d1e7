"""`python -m bench`: how fast, how small and how cheap, each beside a ceiling or a peer measured in the same run."""

import os
import sys
from collections.abc import Callable
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from bench import (
    backlog,
    batch,
    cores,
    effort,
    figure,
    goals,
    growth,
    hotuser,
    latency,
    memory,
    merging,
    pipeline,
    requests,
    results,
    single,
    steps,
    writes,
    wrk,
)
from bench.effort import Effort
from bench.figure import Rounds

MEASUREMENTS: dict[str, Callable[[Effort], Rounds]] = {
    "single": single.measure,
    "batch": batch.measure,
    "latency": latency.measure,
    "merging": merging.measure,
    "backlog": backlog.measure,
    "pipeline": pipeline.measure,
    "growth": growth.measure,
    "hotuser": hotuser.measure,
    "requests": requests.measure,
    "writes": writes.measure,
    "memory": memory.measure,
    "steps": steps.measure,
}
console = Console(width=None if sys.stdout.isatty() else 100)


def main(
    names: Annotated[list[str] | None, typer.Argument(help="measurements or figures; all if none")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="fewer rounds, smaller sizes")] = False,
    report: Annotated[bool, typer.Option("--report", help=f"write the table into {results.PAGE.name}")] = False,
) -> None:
    """Measure, show a table, and keep the figures in bench/results/latest.json."""
    try:
        wanted = goals.measurements(names or [])
        wrk.check()
    except (KeyError, wrk.LoadError) as error:
        raise typer.BadParameter(str(error)) from None
    if len(cores.ALL) < 2:
        raise typer.BadParameter("two cores are needed: one for what is measured, one for what is around it")
    measured = _measure(wanted, effort.QUICK if quick else effort.FULL)
    console.print(results.table(measured))
    if report:
        results.write_page(results.read())


def _measure(wanted: list[str], how_much: Effort) -> dict[str, figure.Figure]:
    os.sched_setaffinity(0, {cores.AROUND})
    measured: dict[str, figure.Figure] = {}
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console) as progress:
        task = progress.add_task("", total=len(wanted))
        for name in wanted:
            progress.update(task, description=name)
            rounds = MEASUREMENTS[name](how_much)
            found = {each: figure.figure(values, goals.GOALS[name][each]) for each, values in rounds.items()}
            results.merge(found)
            measured |= found
            progress.advance(task)
    return measured


if __name__ == "__main__":
    typer.run(main)
