"""`ops dlq`: what the workers could not take, and the way back."""

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from ops import context, deadletters, progress
from ops.context import console, errors
from ops.deadletters import Letter, Moved, Walk
from shared.redrive import Redrive

SHOWN = 50
"""Messages that a dry run lists; the rest is counted."""
MOVE_POLL_SECONDS = 1.0

app = typer.Typer(no_args_is_help=True, help="Look at the dead-letter queue, and send messages back.")
Yes = Annotated[bool, typer.Option("--yes", help="do it; without, only show what would be done")]


@app.command("ls")
def list_letters(
    ctx: typer.Context, limit: Annotated[int, typer.Option(min=1, help="look at no more than so many")] = 100
) -> None:
    """List the dead messages, and whether a worker could read them now. Looking counts as a receive."""
    redrive = context.redrive(ctx)
    letters = []
    with Walk(redrive.dead) as walk, progress.counter("Looking through the dead-letter queue", "messages") as advance:
        for letter in itertools.islice(walk, limit):
            letters.append(letter)
            advance(1)
    console.print(_table(letters))
    console.print(f"{len(letters):,} of about {redrive.count():,} messages")
    _report_stuck(walk)


@app.command()
def show(ctx: typer.Context, message_id: str) -> None:
    """Print a message's body as it is, and the rows in it."""
    with Walk(context.redrive(ctx).dead) as walk:
        letter = next((letter for letter in walk if letter.message.message_id == message_id), None)
    _report_stuck(walk)
    if letter is None:
        errors.print(f"there is no {message_id} in the dead-letter queue: see `ops dlq ls`", soft_wrap=True)
        raise typer.Exit(1)
    errors.print(_verdict(letter), soft_wrap=True, highlight=False, markup=False)
    print(letter.message.body)
    for row in letter.rows:
        print(row.line.decode())


@app.command("redrive")
def redrive_letters(
    ctx: typer.Context,
    ids: Annotated[list[str] | None, typer.Option("--id", help="this message; may be given again")] = None,
    match: Annotated[str | None, typer.Option(help="those with this text in their body or rows")] = None,
    everything: Annotated[bool, typer.Option("--all", help="all of them")] = False,
    decodable: Annotated[bool, typer.Option(help="of these, only what a worker could read now")] = False,
    yes: Yes = False,
) -> None:
    """Send dead messages back to their queue. What is not selected stays as it is, visible again at once."""
    if bool(ids) + (match is not None) + everything != 1:
        raise typer.BadParameter("give --id, --match or --all")

    def is_selected(letter: Letter) -> bool:
        named = everything or (match is not None and letter.matches(match)) or letter.message.message_id in (ids or [])
        return named and not (decodable and letter.why)

    redrive = context.redrive(ctx)
    look = _look(redrive, is_selected)
    if not look.selected:
        errors.print(f"none of {look.seen:,} dead messages is selected: see `ops dlq ls`")
        raise typer.Exit(1 if ids else 0)
    if not yes:
        console.print(_table(look.shown))
        console.print(f"{look.selected:,} of {look.seen:,} messages would be sent back; --yes does it", markup=False)
        if look.undecodable:
            console.print(f"{look.undecodable:,} of them no worker of this version can read: they would come back here")
    elif look.selected == look.seen and not look.foreign and redrive.start_move():
        _watch(redrive)
    else:
        _send_back(redrive, is_selected, look.selected)


@dataclass
class Look:
    """What a walk saw."""

    seen: int = 0
    selected: int = 0
    undecodable: int = 0
    foreign: int = 0
    shown: list[Letter] = field(default_factory=list)

    def note(self, letter: Letter) -> None:
        """Count a selected message."""
        self.selected += 1
        self.undecodable += letter.why is not None
        self.foreign += letter.is_foreign
        if len(self.shown) < SHOWN:
            self.shown.append(letter)


def _look(redrive: Redrive, is_selected: Callable[[Letter], bool]) -> Look:
    look = Look()
    with Walk(redrive.dead) as walk, progress.counter("Looking through the dead-letter queue", "messages") as advance:
        for letter in walk:
            look.seen += 1
            if is_selected(letter):
                look.note(letter)
            advance(1)
    _report_stuck(walk)
    return look


def _watch(redrive: Redrive) -> None:
    """Wait for SQS's own move; interrupted, it goes on without us."""
    with progress.level("SQS moves the messages", redrive.count()) as reach:
        while not (move := redrive.progress()).is_over:
            reach(move.moved)
            time.sleep(MOVE_POLL_SECONDS)
    console.print(f"SQS moved {move.moved:,} messages back to their queue: {move.state.lower()}")
    if move.state != "COMPLETED":
        raise typer.Exit(1)


def _send_back(redrive: Redrive, is_selected: Callable[[Letter], bool], count: int) -> None:
    moved = Moved()
    with Walk(redrive.dead) as walk, progress.level("Sending back", count) as reach:
        for moved in deadletters.send_back(redrive, walk, filter(is_selected, walk)):
            reach(moved.sent)
    console.print(f"{moved.sent:,} messages sent back to their queue, what was not selected stays")
    _report_stuck(walk)
    if moved.still_there:
        text = "of them could not be deleted here and will be sent twice if you repeat this: that changes nothing"
        errors.print(f"[yellow]{moved.still_there:,}[/yellow] {text}", soft_wrap=True)
        raise typer.Exit(1)


def _table(letters: list[Letter]) -> Table:
    table = Table("id", "age", "receives", "bytes", "what a worker makes of it")
    for letter in letters:
        message = letter.message
        hours = (time.time() - message.sent_ms / 1000) / 3600
        size = len(message.body.encode())
        table.add_row(
            message.message_id, f"{hours:,.1f} h", str(message.receive_count), f"{size:,}", escape(_verdict(letter))
        )
    table.columns[0].no_wrap = True
    return table


def _verdict(letter: Letter) -> str:
    return letter.why or f"decodes: {len(letter.rows):,} rows"


def _report_stuck(walk: Walk) -> None:
    if walk.stuck:
        minutes = deadletters.HOLD_SECONDS // 60
        errors.print(f"[yellow]{walk.stuck:,} messages[/yellow] could not be given back: visible in {minutes} minutes")
