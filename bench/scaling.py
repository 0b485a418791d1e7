"""Plays days against the scaling policy: `make scaling`. A table here, pictures in bench/results/scaling."""

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from statistics import mean, median
from typing import Annotated

import matplotlib as mpl
import typer
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from rich.console import Console
from rich.table import Table

from bench.policy import Policy
from bench.scenarios import AS_IN_AWS_EXAMPLE, OURS, SCENARIOS, Scenario
from bench.simulation import Backlog, Plant, Sample
from ops import limits, usage
from ops.workload import Traffic, Tuning, Workload

FOLDER = Path(__file__).parent / "results" / "scaling"
MAXIMUM = 175
"""Workers: at 320 objects a second each, what 16 prefixes of S3 take."""
LATENCY_SECONDS = 60
"""AWS's example sets the target to the messages that a task works off in the latency that is acceptable."""
WAYS = ("ours", "AWS's example")
BLUE, ORANGE, GREY, RED = "#1f5f99", "#d97a1c", "#8a8f98", "#b3261e"


def main(
    events_per_day: Annotated[float, typer.Option(help="mean of the day")] = 1e8,
    worker_events: Annotated[
        float | None, typer.Option(help="events a second that a worker writes; else by ops/usage.py")
    ] = None,
    flush_seconds: Annotated[float, typer.Option(help="TOUCHLAKE_WORKER_FLUSH_SECONDS")] = Tuning().flush_seconds,
    linger_ms: Annotated[float, typer.Option(help="TOUCHLAKE_API_LINGER_MS")] = Tuning().linger_seconds * 1000,
    start_seconds: Annotated[float, typer.Option(help="from decision to work")] = 45,
    maximum: Annotated[int, typer.Option(help="workers at most")] = MAXIMUM,
) -> None:
    """Print what the policy does with each scenario, ours beside the metric of AWS's example, and draw it."""
    tuning = Tuning(flush_seconds=flush_seconds, linger_seconds=linger_ms / 1000)
    workload = Workload(Traffic(events_per_day), tuning)
    plant = build_plant(workload, worker_events, start_seconds)
    FOLDER.mkdir(parents=True, exist_ok=True)
    table = _table(plant)
    for scenario in SCENARIOS:
        runs = play(scenario, workload, plant, maximum)
        said = [summary(runs[name]) for name in WAYS]
        table.add_row(f"[bold]{scenario.title}[/bold]")
        for name in said[0]:
            table.add_row(name, *(words[name] for words in said))
        table.add_section()
        draw(scenario, runs, plant, FOLDER / f"{scenario.name}.png")
    Console().print(table)
    Console().print(f"Pictures: {FOLDER}/*.png", soft_wrap=True, highlight=False)


def build_plant(workload: Workload, worker_events: float | None = None, start_seconds: float = 45) -> Plant:
    """Return what tasks do by the model of `ops cost`, whose assumptions say where they come from."""
    used, speed = usage.use(workload), workload.speed
    per_write = workload.traffic.events_per_user_day / used.writes_per_user_day
    return Plant(
        api_events=1 / (speed.post_seconds / workload.traffic.events_per_post + speed.judge_seconds),
        worker_events=worker_events or used.worker_objects * per_write,
        store_events=limits.PUTS * per_write,
        linger_seconds=workload.tuning.linger_seconds,
        flush_seconds=workload.tuning.flush_seconds,
        flush_events=workload.tuning.flush_rows,
        start_seconds=start_seconds,
    )


@cache
def play(scenario: Scenario, workload: Workload, plant: Plant, maximum: int) -> dict[str, list[Sample]]:
    """Return the run with our policy, and with AWS's example for comparison."""
    ours = target(workload, plant)
    example = ours * LATENCY_SECONDS / (workload.tuning.load * plant.flush_seconds)
    return {
        "ours": _play(scenario, workload, plant, Policy(ours, workload.tuning.workers, maximum), OURS),
        "AWS's example": _play(
            scenario, workload, plant, Policy(example, workload.tuning.workers, maximum), AS_IN_AWS_EXAMPLE
        ),
    }


def play_day(workload: Workload, plant: Plant, messages: float) -> list[Sample]:
    """Return a day without incidents at a target of so many messages a worker."""
    return _play(SCENARIOS[0], workload, plant, Policy(messages, workload.tuning.workers, MAXIMUM), OURS)


def target(workload: Workload, plant: Plant) -> float:
    """Return the messages a worker to scale on: what it writes in a window at the load that is wanted."""
    messages = plant.worker_events / usage.use(workload).rows_per_message
    return messages * workload.tuning.load * plant.flush_seconds


def _play(scenario: Scenario, workload: Workload, plant: Plant, workers: Policy, backlog: Backlog) -> list[Sample]:
    api = Policy(workload.tuning.load, minimum=workload.tuning.api_tasks, maximum=100)
    return scenario.play(workload.traffic.events_per_second, plant, api, workers, backlog)


def summary(samples: Sequence[Sample]) -> dict[str, str]:
    """Return what there is to say of a run, by name."""
    last = samples[-1]
    lost = last.made - last.refused - last.visible - last.held - last.written
    return {
        "workers, mean / most": f"{mean(s.workers for s in samples):,.0f} / {max(s.workers for s in samples):,}",
        "changes of their number": f"{sum(one.workers != other.workers for one, other in pairwise(samples))}",
        "API tasks, most": f"{max(s.api_tasks for s in samples)}",
        "million events waiting at clients, most": f"{max(s.refused for s in samples) / 1e6:,.2f}",
        "million events on their way, most": f"{max(s.visible + s.held for s in samples) / 1e6:,.1f}",
        "messages in flight, most": f"{max(s.in_flight for s in samples):,.0f}",
        "freshness in minutes, median / worst": (
            f"{median(s.freshness for s in samples) / 60:,.1f} / {max(s.freshness for s in samples) / 60:,.1f}"
        ),
        "events lost": f"{abs(lost):,.0f}",
    }


def _table(plant: Plant) -> Table:
    table = Table("", title_justify="left")
    table.title = (
        f"{plant.worker_events:,.0f} events/s a worker, {plant.api_events:,.0f} an API task, "
        f"windows of {plant.flush_seconds:.0f} s"
    )
    for name in WAYS:
        table.add_column(name, justify="right")
    return table


def draw(scenario: Scenario, runs: dict[str, list[Sample]], plant: Plant, path: Path) -> None:
    """Draw tasks, backlog and freshness over the day."""
    mpl.use("agg")
    figure, (tasks, backlog, freshness) = plt.subplots(3, 1, figsize=(11, 9), sharex=True, layout="constrained")
    ours, example = runs["ours"], runs["AWS's example"]
    hours = [sample.time / 3600 for sample in ours]
    tasks.plot(hours, [s.workers for s in example], color=GREY, linewidth=1, label="workers, by AWS's example")
    tasks.plot(hours, [s.workers for s in ours], color=BLUE, label="workers")
    tasks.plot(hours, [s.api_tasks for s in ours], color=ORANGE, label="API tasks")
    _finish(tasks, "Running tasks", "tasks")
    for label, colour, events in (
        ("in the queue, visible", BLUE, [s.visible for s in ours]),
        ("held by workers", ORANGE, [s.held for s in ours]),
        ("refused with 503, waiting at clients", RED, [s.refused for s in ours]),
    ):
        backlog.plot(hours, [number / 1e6 for number in events], color=colour, label=label)
    _finish(backlog, "Events on their way", "million events")
    freshness.plot(hours, [s.freshness / 60 for s in example], color=GREY, linewidth=1, label="by AWS's example")
    freshness.plot(hours, [s.freshness / 60 for s in ours], color=BLUE, label="age of the oldest event not in the lake")
    freshness.axhline(plant.flush_seconds / 60, color=RED, linestyle="--", linewidth=1, label="one flush window")
    _finish(freshness, "Freshness", "minutes")
    freshness.set(xlabel="hour of the day (UTC)", xlim=(scenario.hours[0], scenario.hours[-1]), xticks=scenario.hours)
    figure.suptitle(scenario.title, fontsize=14)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def _finish(axes: Axes, title: str, unit: str) -> None:
    axes.set_title(title, loc="left", fontsize=11)
    axes.set_ylabel(unit)
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=3, fontsize=9, frameon=False)


if __name__ == "__main__":
    typer.run(main)
