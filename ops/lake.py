"""`ops lake`: look at the lake, and check it."""

from typing import Annotated

import typer
from rich.table import Table

from ops import context, progress, verification
from ops.context import console, errors
from shared import keys, objects

app = typer.Typer(no_args_is_help=True, help="Look at the lake, and check it.")


@app.command("ls")
def list_keys(
    ctx: typer.Context,
    prefix: Annotated[str, typer.Argument(help="keys below this, such as events/shard=0/")] = keys.EVENTS,
) -> None:
    """List the objects below a prefix."""
    for listed in context.lake(ctx).list(prefix):
        print(f"{listed.size:>10,}  {listed.key}")


@app.command("cat")
def print_rows(
    ctx: typer.Context,
    key: Annotated[str | None, typer.Argument(help="the key of an object")] = None,
    user: Annotated[str | None, typer.Option(help="instead of a key: the user id, with --date")] = None,
    anonymous: Annotated[str | None, typer.Option(help="instead of --user: the anonymous id")] = None,
    date: Annotated[str | None, typer.Option(help="the UTC day, YYYY-MM-DD")] = None,
) -> None:
    """Print the rows of an object, or of a user's day."""
    if key is None:
        if date is None or (user is None) == (anonymous is None):
            raise typer.BadParameter("give a key, or --user (or --anonymous) and --date")
        key = keys.events(user, anonymous, date)
    stored = context.lake(ctx).get(key)
    if stored is None:
        errors.print(f"there is no {key}", soft_wrap=True)
        raise typer.Exit(1)
    for row in objects.decode(key, stored):
        print(row.line.decode())


@app.command()
def verify(ctx: typer.Context) -> None:
    """Read every object; check keys, order, uniqueness and form. Exit status 1 when something is wrong."""
    with progress.counter("Reading the lake", "objects") as advance:
        report = verification.verify(context.lake(ctx), lambda *_: advance(1))
    table = Table("objects", "rows", "rejected rows", "bytes", "problems")
    table.add_row(
        *(f"{n:,}" for n in (report.objects, report.rows, report.rejected, report.bytes, len(report.problems)))
    )
    console.print(table)
    for key, problem in report.problems:
        errors.print(f"[red]✗[/red] {key}: {problem}", soft_wrap=True, highlight=False)
    if report.problems:
        raise typer.Exit(1)
    console.print("[green]✓[/green] every object is in order, every row once, every key and form right")
