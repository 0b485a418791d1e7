"""`ops rejected`: what was refused and why, and another chance for it."""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.markup import escape
from rich.table import Table

from ops import context, progress, replay
from ops.context import console, errors
from ops.delivery import deliver
from ops.replay import Refusal
from shared import packing
from shared.objectstore import ObjectStore
from shared.queue import BATCH_ENTRIES
from shared.settings import ApiSettings

MAX_EVENT_BYTES = ApiSettings.model_fields["api_max_event_bytes"].default
app = typer.Typer(no_args_is_help=True, help="Look at refused events, and replay them.")
Date = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="the UTC day of their receipt; without, every day")
]
Reason = Annotated[str | None, typer.Option(help="only those that were refused for this")]
Source = Annotated[str | None, typer.Option(help="only those of this source")]


@app.command("ls")
def list_refusals(
    ctx: typer.Context,
    date: Date = None,
    reason: Reason = None,
    source: Source = None,
    each: Annotated[bool, typer.Option("--each", help="one line an event instead of counts")] = False,
) -> None:
    """Count refused events by day, reason and source."""
    counts: Counter[tuple[str, str, str]] = Counter()
    table = Table("id", "received at", "reason", "source", "detail")
    for refusal in _select(context.lake(ctx), date, reason, source):
        counts[refusal.date, refusal.reason, refusal.source] += 1
        if each:
            received_at, detail = refusal.columns["received_at"], refusal.columns["detail"]
            table.add_row(refusal.id, received_at, refusal.reason, *map(escape, (refusal.source, detail)))
    if not each:
        table = Table("date", "reason", "source", "events")
        for (day, why, whose), count in sorted(counts.items()):
            table.add_row(day, why, escape(whose), f"{count:,}")
    table.columns[0].no_wrap = True
    console.print(table)
    console.print(f"{counts.total():,} refused events")


@app.command()
def show(ctx: typer.Context, rejected_id: str, date: Date = None) -> None:
    """Print a refused event: why it was refused, then its body as it came."""
    refusal = _find(context.lake(ctx), rejected_id, date)
    for name, value in refusal.columns.items():
        if name not in ("raw", "raw_base64"):
            errors.print(f"{name}: {value}", soft_wrap=True, highlight=False, markup=False)
    typer.echo(refusal.raw)


@app.command("replay")
def replay_refusals(
    ctx: typer.Context,
    date: Date = None,
    reason: Reason = None,
    source: Source = None,
    ids: Annotated[list[str] | None, typer.Option("--id", help="this one; may be given again")] = None,
    sets: Annotated[list[str] | None, typer.Option("--set", help="MEMBER=TEXT: give the event this member")] = None,
    drops: Annotated[list[str] | None, typer.Option("--drop", help="MEMBER: take it out of the event")] = None,
    patch: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="a JSON merge patch (RFC 7396), before the others")
    ] = None,
    max_event_bytes: Annotated[int, typer.Option(min=1, help="as TOUCHLAKE_API_MAX_EVENT_BYTES")] = MAX_EVENT_BYTES,
    yes: Annotated[bool, typer.Option("--yes", help="do it; without, only show what would be done")] = False,
) -> None:
    """Judge refused events again, and put those into the queue that pass now.

    They keep their id, or get one made of that of their refusal, and the time and source of their receipt: so to replay
    again changes nothing. The refused rows stay where they are.
    """
    store, suppressed = context.lake(ctx), context.suppressed(ctx)
    changes = _patch(patch, sets or [], drops or [])
    refusals = (
        iter([_find(store, rejected_id, date) for rejected_id in ids]) if ids else _select(store, date, reason, source)
    )
    still: Counter[tuple[str, str]] = Counter()

    def lines() -> Iterator[bytes]:
        for refusal in refusals:
            accepted, refused = replay.judge(refusal, changes, max_event_bytes, suppressed.__contains__)
            still.update(refused)
            yield from accepted

    accepted = _send(ctx, lines()) if yes else sum(1 for _ in lines())
    _show(accepted, still, done=yes)


def _send(ctx: typer.Context, lines: Iterable[bytes]) -> int:
    """Put lines into the queue, packed as the API packs them; return how many."""
    count = 0

    def counted() -> Iterator[bytes]:
        nonlocal count
        for line in lines:
            count += 1
            yield line

    queue, messages = context.queue(ctx), packing.pack_all(counted())
    while bodies := list(itertools.islice(messages, BATCH_ENTRIES)):
        for _ in deliver(queue, bodies):
            pass
    return count


def _show(accepted: int, still: Counter[tuple[str, str]], *, done: bool) -> None:
    table = Table("events", "what becomes of them")
    table.add_row(f"{accepted:,}", "are in the queue: workers store them" if done else "pass now; --yes sends them")
    for (reason, detail), count in still.most_common(20):
        table.add_row(f"{count:,}", f"still refused: {reason}: {escape(detail)}")
    console.print(table)
    if still:
        console.print(f"{still.total():,} are still refused, and stay as they are")


def _patch(path: Path | None, sets: list[str], drops: list[str]) -> dict[str, Any]:
    try:
        patch = orjson.loads(path.read_bytes()) if path else {}
    except orjson.JSONDecodeError as error:
        raise typer.BadParameter(f"{path}: {error}") from None
    if not isinstance(patch, dict):
        raise typer.BadParameter(f"{path}: a merge patch of an event is a JSON object")
    if not all("=" in pair for pair in sets):
        raise typer.BadParameter("--set is MEMBER=TEXT; other values than text go into a --patch file")
    return {**patch, **dict(pair.split("=", 1) for pair in sets), **dict.fromkeys(drops)}


def _find(store: ObjectStore, rejected_id: str, date: datetime | None) -> Refusal:
    days = _days(store, date)
    found = next(filter(None, (replay.find(store, rejected_id, day) for day in days)), None)
    if found is None:
        errors.print(f"there is no refused event {rejected_id}: see `ops rejected ls --each`", soft_wrap=True)
        raise typer.Exit(1)
    return found


def _select(store: ObjectStore, date: datetime | None, reason: str | None, source: str | None) -> Iterator[Refusal]:
    with progress.counter("Reading refused events", "events") as advance:
        for day in _days(store, date):
            for refusal in replay.read(store, day):
                advance(1)
                if reason in (None, refusal.reason) and source in (None, refusal.source):
                    yield refusal


def _days(store: ObjectStore, date: datetime | None) -> list[str]:
    return [date.date().isoformat()] if date else replay.dates(store)
