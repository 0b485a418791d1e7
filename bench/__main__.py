"""`python -m bench`: how fast, how small and how cheap, each beside a ceiling or a peer measured in the same run."""

import os
import sys
import time
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
from bench.figure import Figure, Rounds
from ops.stack import StackError

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
LONG = {"hotuser", "requests"}
"""Left out of a quick run unless they are named: they take the time that they take."""
console = Console(width=None if sys.stdout.isatty() else 120)


def main(
    names: Annotated[list[str] | None, typer.Argument(help="measurements or figures; all if none")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="fewer rounds, smaller sizes")] = False,
    report: Annotated[bool, typer.Option("--report", help=f"write the table into {results.PAGE.name}")] = False,
) -> None:
    """Measure, show a table, and keep the figures in bench/results/latest.json."""
    try:
        wanted = [name for name in goals.measurements(names or []) if names or not quick or name not in LONG]
        wrk.check()
    except (KeyError, wrk.LoadError) as error:
        raise typer.BadParameter(str(error)) from None
    if len(cores.ALL) < 2:
        raise typer.BadParameter("two cores are needed: one for what is measured, one for what is around it")
    os.sched_setaffinity(0, {cores.AROUND})
    how_much = effort.QUICK if quick else effort.FULL
    failed = _run(wanted, how_much)
    console.print(results.table(_of(wanted)))
    if report:
        results.write_page(results.read())
    for name, reason in failed.items():
        console.print(f"[red]✗[/red] {name}: {reason}", soft_wrap=True, highlight=False)
    raise typer.Exit(bool(failed))


def _run(wanted: list[str], how_much: Effort) -> dict[str, str]:
    """Measure one after the other, and keep what each gives; return why some gave nothing."""
    failed: dict[str, str] = {}
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console) as progress:
        task = progress.add_task("", total=len(wanted))
        for name in wanted:
            progress.update(task, description=name)
            began = time.monotonic()
            try:
                rounds = MEASUREMENTS[name](how_much)
            except (wrk.LoadError, StackError, TimeoutError, AssertionError) as error:
                failed[name] = str(error)
            else:
                results.merge({each: figure.figure(rounds[each], goal) for each, goal in goals.GOALS[name].items()})
            progress.console.print(f"{name}: {time.monotonic() - began:.0f} s")
            progress.advance(task)
    return failed


def _of(wanted: list[str]) -> dict[str, Figure]:
    """Return the figures that these measurements give."""
    return {name: found for name, found in results.read().items() if any(name in goals.GOALS[each] for each in wanted)}


if __name__ == "__main__":
    typer.run(main)
