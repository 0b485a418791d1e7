"""`ops ledger`: what came in is what is stored, by the hour and source."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, NamedTuple

import typer
from rich.table import Table

from ops import context, progress, verification
from ops.context import console, errors
from ops.reconciliation import Account, Line
from shared import keys, ledger, logs, objects
from shared.errors import CorruptObject
from shared.objectstore import ObjectStore
from shared.queue import Queue

COLUMNS = ("accepted", "stored", "duplicate", "erased", "in_flight", "missing", "uncounted")


def show(
    ctx: typer.Context,
    date: Annotated[str | None, typer.Option(help="the UTC day of the events, YYYY-MM-DD; else today")] = None,
    days_ago: Annotated[
        list[int] | None, typer.Option(min=0, help="a UTC day by its distance, 1 for yesterday; may be given again")
    ] = None,
    settle_minutes: Annotated[
        float, typer.Option(help="how long an accepted event may be in flight while the queue is not empty")
    ] = 10,
    as_log: Annotated[bool, typer.Option("--log", help="write JSON log lines instead of a table")] = False,
) -> None:
    """Compare what was accepted with what is stored. Exit status 1 when an hour does not add up."""
    days = [date] if date else _days(days_ago or [0])
    with progress.counter(f"Reading {', '.join(days)}", "objects") as advance:
        settle = timedelta(minutes=settle_minutes)
        readings = {day: read(context.lake(ctx), context.queue(ctx), day, settle, advance) for day in days}
    if as_log:
        _log(readings)
    else:
        for day, reading in readings.items():
            _print(day, reading)
    if not all(reading.adds_up for reading in readings.values()):
        raise typer.Exit(1)


def _days(days_ago: list[int]) -> list[str]:
    today = datetime.now(UTC).date()
    return [(today - timedelta(days)).isoformat() for days in days_ago]


class Reading(NamedTuple):
    """The account of a day, the keys of objects that can't be read, and the messages in the queue."""

    lines: list[Line]
    unreadable: list[str]
    waiting: int

    @property
    def adds_up(self) -> bool:
        return not self.unreadable and not any(line.missing for line in self.lines)


def read(
    store: ObjectStore, queue: Queue, day: str, settle: timedelta, advance: progress.Advance = lambda _: None
) -> Reading:
    """Read entries, then the queue, then the lake, in this order: what moves on meanwhile is seen at least once."""
    account, young_from = Account(), datetime.now(UTC) - settle
    entries = list(verification.read_below(store, ledger.folders(day)))
    waiting = queue.backlog()
    for key, stored in entries:
        is_young = waiting > 0 and ledger.written_at(key) >= young_from
        for cell, marks in ledger.decode(key, stored):
            if cell.date == day:
                account.add_entry(cell, marks, is_young=is_young)
    unreadable = []
    for key, stored in verification.read_below(store, keys.folders(day)):
        try:
            account.add_rows(objects.decode(key, stored))
        except CorruptObject:
            unreadable.append(key)
        advance(1)
    return Reading(list(account.lines()), unreadable, waiting)


def _print(day: str, reading: Reading) -> None:
    lines, unreadable, waiting = reading
    table = Table("hour (UTC)", "source", "kind", *(name.replace("_", " ") for name in COLUMNS))
    for line in lines:
        style = "red" if line.missing else None
        counts = (f"{getattr(line, name):,}" for name in COLUMNS)
        table.add_row(line.cell.hour.replace("T", " "), line.cell.source, line.cell.kind, *counts, style=style)
    table.add_section()
    table.add_row("all", "", "", *(f"{sum(getattr(line, name) for line in lines):,}" for name in COLUMNS))
    console.print(table)
    console.print(f"{waiting:,} messages in the queue")
    for key in unreadable:
        errors.print(f"[red]✗[/red] {key} cannot be read: see `ops lake verify`", soft_wrap=True, highlight=False)
    for line in (line for line in lines if line.missing):
        hour, source = line.cell.hour.replace("T", " "), line.cell.source
        errors.print(
            f"[red]✗[/red] {hour} h, {source}: {line.missing:,} accepted {line.cell.kind} are not stored. "
            "Look into the dead-letter queue and the bucket's older versions",
            soft_wrap=True,
            highlight=False,
        )
    if reading.adds_up:
        in_flight = sum(line.in_flight for line in lines)
        console.print(
            f"[green]✓[/green] OK: what was accepted for {day} is stored"
            + (f", or in flight ({in_flight:,}): look again when the queue is empty" if in_flight else "")
        )


def _log(readings: Mapping[str, Reading]) -> None:
    """Write one line for all days: terraform/ledger.tf counts lines."""
    lines = [line for reading in readings.values() for line in reading.lines]
    totals = {name: sum(getattr(line, name) for line in lines) for name in COLUMNS}
    logs.configure("ledger", "INFO")
    if all(reading.adds_up for reading in readings.values()):
        logs.get().info("ledger_ok", dates=list(readings), **totals)
        return
    hours = [f"{line.cell.hour} {line.cell.source}" for line in lines if line.missing]
    unreadable = sum(len(reading.unreadable) for reading in readings.values())
    logs.get().error("ledger_mismatch", dates=list(readings), hours=hours, unreadable=unreadable, **totals)
