"""`ops send`: POST a file of events."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from ops import eventfile, progress
from ops.context import console, errors
from ops.sender import Sender, SendError, Tally


def send(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help=".csv or .jsonl, or either with .gz")],
    url: Annotated[str, typer.Option(help="the API")] = "http://127.0.0.1:8000",
    write_key: Annotated[str | None, typer.Option(envvar="WRITE_KEY", help="the write key of the source")] = None,
    batch: Annotated[int, typer.Option(min=1, help="events a request")] = 500,
    concurrency: Annotated[int, typer.Option(min=1, help="requests at a time")] = 4,
    rate: Annotated[float | None, typer.Option(min=0.001, help="events a second; as fast as it goes without")] = None,
    patience: Annotated[float, typer.Option(min=0, help="seconds that a request is tried again")] = 60,
) -> None:
    """POST the events of a file. An event without an id gets a stable one: sent again, the file adds nothing."""
    sender = Sender(url, write_key, batch=batch, concurrency=concurrency, rate=rate, patience_seconds=patience)
    try:
        with progress.file_bar(f"Sending {file.name}", file) as (at, remark):
            tally = sender.send(eventfile.read(file, at), lambda tally: remark(f"{tally.accepted:,} accepted"))
    except (SendError, ValueError) as error:
        errors.print(f"[red]✗[/red] {error}", soft_wrap=True, highlight=False)
        raise typer.Exit(1) from None
    show(tally)
    if tally.rejected:
        raise typer.Exit(1)


def show(tally: Tally) -> None:
    """Print what became of the events."""
    table = Table("accepted", "rejected", "requests", "retries", "seconds", "events/s")
    counts = (tally.accepted, len(tally.rejected), tally.requests, tally.retries)
    speed = tally.accepted / max(tally.seconds, 1e-9)
    table.add_row(*(f"{count:,}" for count in counts), f"{tally.seconds:.1f}", f"{speed:,.0f}")
    console.print(table)
    reasons = Counter((rejected["reason"], rejected["detail"]) for rejected in tally.rejected)
    for (reason, detail), count in reasons.most_common(10):
        errors.print(f"[yellow]{count:,} of {reason}[/yellow]: {detail}", highlight=False)
