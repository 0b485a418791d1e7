"""`ops demo`: the main job from nothing. Send events, wait until they are in the lake, compare; send them again."""

import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from ops import eventfile, generator, local, progress, readings, stack, verification
from ops.context import console, errors
from ops.local import backlog, provision
from ops.sender import Event, Sender, SendError, Tally
from ops.stack import Stack, StackError
from ops.verification import Report
from shared.objectstore import ObjectStore, Stored
from shared.rows import Row

FLUSH_SECONDS = 5
PATIENCE_SECONDS = 240
KEY = "demo-key"
HOME = Path(".touchlake/demo")
DUPLICATES = "touchlake_worker_rows_duplicate_total"
QUESTION = "SELECT event, count(*) AS n FROM events GROUP BY 1 ORDER BY 2 DESC"
NEXT = f"""
Look next
  a copy of the lake         {HOME}/lake
  ask it with DuckDB         .venv/bin/python docs/ask.py "{QUESTION}"
  logs of API and workers    {HOME}/logs
  the stack, kept running    make up
"""


@dataclass
class Outcome:
    """What the demo saw; `faults` says what did not hold."""

    tally: Tally
    mine: int
    objects: int
    changed: int
    duplicates: float
    freshness: list[float]
    seconds: float
    faults: list[str]


def demo(
    events: Annotated[Path | None, typer.Argument(exists=True, dir_okay=False, help=".csv or .jsonl, or .gz")] = None,
    users: Annotated[int, typer.Option(min=1, help="made-up users, when there is no file")] = 300,
    workers: Annotated[int, typer.Option(min=1)] = 2,
    name: Annotated[str, typer.Option(help="NAME-events and NAME-lake: found, or made")] = "touchlake-demo",
) -> None:
    """Run the whole pipeline on this machine and check that what was accepted is what is stored."""
    try:
        outcome = play(events, users, workers, name)
    except (StackError, SendError, ValueError) as error:
        errors.print(f"[red]✗[/red] {error}", soft_wrap=True, highlight=False)
        raise typer.Exit(1) from None
    show(outcome)
    if outcome.faults:
        raise typer.Exit(1)


def play(path: Path | None, users: int, workers: int, name: str) -> Outcome:
    """Send twice, and compare the lake with what was accepted each time."""
    began = time.monotonic()
    made = provision(name)
    settings = {"TOUCHLAKE_WRITE_KEYS": f"{KEY}:demo", "TOUCHLAKE_WORKER_FLUSH_SECONDS": str(FLUSH_SECONDS)}
    with stack.run(made, settings, HOME / "logs", workers=workers) as running:
        store = local.lake(made.bucket)
        before = verification.verify(store)
        tally = _send(running, path, users, "Sending")
        _wait_until_empty(made.queue_url)
        mine = [0, 0]

        def count(content: list[Row]) -> None:
            accepted = sum(row.id in tally.accepted_ids for row in content)
            mine[0] += accepted
            mine[1] += accepted > 0

        first = _read(store, count)
        freshness = readings.quantiles(running.metrics_urls, "touchlake_worker_freshness_seconds", (0.5, 0.99))
        dropped = readings.total(running.metrics_urls, DUPLICATES)
        again = _send(running, path, users, "Sending the same again")
        _wait_until_empty(made.queue_url)
        after = verification.etags(store)
        dropped = readings.total(running.metrics_urls, DUPLICATES) - dropped
    return Outcome(
        tally=tally,
        mine=mine[0],
        objects=mine[1],
        changed=len(_changed(first.etags, after)),
        duplicates=dropped,
        freshness=freshness,
        seconds=time.monotonic() - began,
        faults=list(_faults(before, tally, first, again, after)),
    )


def show(outcome: Outcome) -> None:
    """Print the summary, and where to look next."""
    table = Table(title="What was accepted is what is stored", show_header=False, title_justify="left")
    table.add_row("events accepted (202)", f"{outcome.tally.accepted:,}")
    table.add_row("events rejected", f"{len(outcome.tally.rejected):,}")
    table.add_row("rows of them in the lake", f"{outcome.mine:,}")
    table.add_row("objects, one a user and day", f"{outcome.objects:,}")
    table.add_row("sent again: duplicates dropped", f"{outcome.duplicates:,.0f}")
    table.add_row("sent again: ETags changed", f"{outcome.changed:,}")
    table.add_row(f"seconds from 202 to lake, p50 (window {FLUSH_SECONDS} s)", f"{outcome.freshness[0]:.1f}")
    table.add_row("seconds from 202 to lake, p99", f"{outcome.freshness[1]:.1f}")
    table.add_row("seconds in all", f"{outcome.seconds:.0f}")
    console.print(table)
    for fault in outcome.faults:
        errors.print(f"[red]✗[/red] {fault}", soft_wrap=True, highlight=False)
    if not outcome.faults:
        console.print("[green]✓[/green] every accepted event is in the lake once, and nothing else")
    console.print(NEXT, soft_wrap=True, highlight=False, markup=False)


def _faults(before: Report, tally: Tally, first: Report, again: Tally, after: dict[str, str]) -> Iterable[str]:
    sent = tally.accepted_ids
    yield from (f"{key}: {problem}" for key, problem in first.problems)
    if tally.accepted != len(sent):
        yield f"{tally.accepted:,} events accepted, but they have {len(sent):,} different ids"
    if missing := [event_id for event_id in sent if event_id not in first.ids]:
        yield f"{len(missing):,} accepted events are not in the lake, such as {missing[0]}"
    if twice := [event_id for event_id in sent if first.ids.get(event_id, 0) > 1]:
        yield f"{len(twice):,} events stand in more than one object, such as {twice[0]}"
    if foreign := first.ids.keys() - before.ids.keys() - sent:
        yield f"{len(foreign):,} rows were not sent by this demo, such as {next(iter(foreign))}"
    if again.accepted != tally.accepted:
        yield f"the second time {again.accepted:,} were accepted, the first time {tally.accepted:,}"
    if changed := _changed(first.etags, after):
        yield f"{len(changed):,} objects changed when the same events were sent again, such as {changed[0]}"


def _changed(before: dict[str, str], after: dict[str, str]) -> list[str]:
    return [key for key in before | after if before.get(key) != after.get(key)]


def _send(running: Stack, path: Path | None, users: int, title: str) -> Tally:
    sender = Sender(running.api_url, KEY)
    if path:
        with progress.file_bar(f"{title} {path.name}", path) as (at, remark):
            return sender.send(eventfile.read(path, at), lambda tally: remark(f"{tally.accepted:,} accepted"))
    with progress.counter(f"{title}: {users} made-up users", "events") as advance:
        return sender.send(_counted(generator.generate(users=users, days=28, seed=1), advance))


def _counted(events: Iterable[Event], advance: Callable[[int], None]) -> Iterable[Event]:
    for event in events:
        advance(1)
        yield event


def _wait_until_empty(queue_url: str) -> None:
    """Wait until the queue holds nothing: a message is deleted only when all of its rows are durable."""
    most = max(1, backlog(queue_url))
    with progress.level("Waiting for the workers (messages done)", most) as reach:

        def is_empty() -> bool:
            waiting = backlog(queue_url)
            reach(most - waiting)
            return waiting == 0

        stack.wait_for(
            is_empty, PATIENCE_SECONDS, f"the queue is not empty after {PATIENCE_SECONDS} s: see {HOME}/logs"
        )


def _read(store: ObjectStore, on_rows: Callable[[list[Row]], None] = lambda _: None) -> Report:
    """Read the whole lake, and leave a copy of it to look at."""
    shutil.rmtree(HOME / "lake", ignore_errors=True)
    with progress.counter("Reading the lake", "objects") as advance:

        def on_object(key: str, stored: Stored, content: list[Row]) -> None:
            copy = HOME / "lake" / key
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(stored.data)
            on_rows(content)
            advance(1)

        return verification.verify(store, on_object)
