"""`ops user`: what the lake holds of a person, to hand out or to erase."""

import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from ops import context, erasure, progress
from ops.context import console, errors
from ops.erasure import SETTLE_SECONDS, Erasure, Found, Person
from shared import events, objects, suppression
from shared.errors import SettingsError
from shared.journal import Journal
from shared.objectstore import ObjectStore

READERS = 16
app = typer.Typer(no_args_is_help=True, help="Export or erase what the lake holds of a person.")
Id = Annotated[str, typer.Argument(metavar="ID", help="the user id, as it was sent")]
Anonymous = Annotated[bool, typer.Option("--anonymous", help="ID is an anonymous id")]
Day = datetime | None


@app.command()
def export(
    ctx: typer.Context,
    user_id: Id,
    anonymous: Anonymous = False,
    since: Annotated[Day, typer.Option(formats=["%Y-%m-%d"], help="the first UTC day")] = None,
    until: Annotated[Day, typer.Option(formats=["%Y-%m-%d"], help="the last UTC day")] = None,
    output: Annotated[Path | None, typer.Option(help="a file instead of standard output")] = None,
) -> None:
    """Print all rows of a person as JSON lines, in the order of their time."""
    store, person = context.lake(ctx), _person(user_id, anonymous=anonymous)
    first = since.date().isoformat() if since else ""
    last = until.date().isoformat() if until else "9999-12-31"
    days = [folder.rpartition("=")[2] for folder in store.folders(person.dates_prefix)]
    within = [person.key(day) for day in sorted(days) if first <= day <= last]
    rows = found = 0
    with (
        output.open("wb") if output else nullcontext(sys.stdout.buffer) as out,
        progress.level("Reading days", len(within)) as reach,
        ThreadPoolExecutor(READERS) as threads,
    ):
        for number, lines in enumerate(threads.map(lambda key: _lines(store, key), within), 1):
            out.write(b"".join(line + b"\n" for line in lines))
            rows, found = rows + len(lines), found + bool(lines)
            reach(number)
    errors.print(f"{rows:,} rows of {found:,} days", highlight=False)


@app.command()
def erase(
    ctx: typer.Context,
    user_id: Id,
    anonymous: Anonymous = False,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="don't wait for writes that are under way")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="do it; without, only show what would be done")] = False,
) -> None:
    """Erase a person: rows of every day, every version of them, refused events, and whatever arrives later."""
    person = _person(user_id, anonymous=anonymous)
    store, versions, key = context.lake(ctx), context.versions(ctx), _suppress_key(ctx)
    if not yes:
        with progress.counter("Looking for the person", "objects") as advance:
            _show(Erasure(store, versions, person, advance=advance).find())
        return
    suppression.add(store, key, person.id)
    settle = _no_settling if no_wait else _settle
    with progress.counter("Erasing", "objects") as advance:
        audit = Erasure(store, versions, person, erased=_noted(store), advance=advance).erase_until_gone(settle)
    line = erasure.write_audit(store, audit)
    table = Table("objects", "versions", "rows", "refused rows", "audit")
    table.add_row(*(f"{n:,}" for n in (audit.objects, audit.versions, audit.rows, audit.refused_rows)), line)
    console.print(table)
    if not audit.is_verified:
        errors.print("[red]✗[/red] something is left or can't be read: see the same command without --yes")
        raise typer.Exit(1)
    console.print("[green]✓[/green] nothing is left, and what arrives later is dropped")
    if no_wait:
        console.print(f"not waited: erase again after {SETTLE_SECONDS} s, for writes that were under way", markup=False)


def _noted(store: ObjectStore) -> Callable[[str, list[str]], None]:
    """Return what tells the ledger of each erasure before it is done: what is gone on purpose is not missing."""
    journal = Journal(store, every_seconds=0)

    def note(key: str, ids: list[str]) -> None:
        journal.note_erased(key, ids)
        journal.write()

    return note


def _show(found: Found) -> None:
    table = Table("what", "objects", "rows now")
    table.add_row("days of events", f"{len(found.days):,}", f"{found.rows:,}")
    table.add_row("parts of refused events", f"{len(found.refused):,}", f"{found.refused_rows:,}")
    console.print(table)
    console.print(f"{found.versions:,} versions of objects would be erased or written anew: --yes does it")
    if found.others:
        some = ", ".join(sorted(found.others)[:10])
        text = f"{len(found.others):,} other ids stand in these rows; erase those that are the person's too: {some}"
        console.print(text, soft_wrap=True, highlight=False, markup=False)
    for key in found.unreadable:
        errors.print(f"[red]✗[/red] {key} can't be read: look whether it names the person", soft_wrap=True)
    if found.unreadable:
        raise typer.Exit(1)


def _settle() -> float:
    """Wait for what was under way; show how long that is."""
    with progress.level("Waiting for writes under way (s)", SETTLE_SECONDS) as reach:
        for second in range(SETTLE_SECONDS):
            reach(second)
            time.sleep(1)
    return SETTLE_SECONDS


def _no_settling() -> float:
    return 0


def _suppress_key(ctx: typer.Context) -> str:
    key = context.suppress_key(ctx)
    if key is None:
        raise SettingsError(
            "TOUCHLAKE_SUPPRESS_USERS_S3_KEY is missing: give it here, to the API and to the workers alike, or what "
            "arrives late brings the user back"
        )
    return key


def _lines(store: ObjectStore, key: str) -> list[bytes]:
    stored = store.get(key)
    return [row.line for row in objects.decode(key, stored)] if stored else []


def _person(user_id: str, *, anonymous: bool) -> Person:
    if not 1 <= len(user_id.encode()) <= events.MAX_ID_BYTES:
        raise typer.BadParameter(f"an id is 1 to {events.MAX_ID_BYTES} bytes")
    return Person(user_id, anonymous)
