"""What commands share: the clients that `__main__` builds from the environment, no sooner than one asks."""

from collections.abc import Callable
from dataclasses import dataclass

import typer
from rich.console import Console

from shared import suppression
from shared.objectstore import ObjectStore
from shared.queue import Queue
from shared.redrive import Redrive
from shared.versions import Versions

console = Console()
errors = Console(stderr=True)


@dataclass(frozen=True)
class Context:
    """Handed to every command as `typer.Context.obj`."""

    lake: Callable[[], ObjectStore]
    queue: Callable[[], Queue]
    redrive: Callable[[], Redrive]
    versions: Callable[[], Versions]
    suppress_key: Callable[[], str | None]


def lake(ctx: typer.Context) -> ObjectStore:
    """Return the lake that the environment names."""
    return _context(ctx).lake()


def queue(ctx: typer.Context) -> Queue:
    """Return the queue that the environment names."""
    return _context(ctx).queue()


def redrive(ctx: typer.Context) -> Redrive:
    """Return the queue that the environment names, with its dead-letter queue."""
    return _context(ctx).redrive()


def versions(ctx: typer.Context) -> Versions:
    """Return the lake that the environment names, with its history."""
    return _context(ctx).versions()


def suppress_key(ctx: typer.Context) -> str | None:
    """Return the key of the suppression list that the environment names."""
    return _context(ctx).suppress_key()


def suppressed(ctx: typer.Context) -> set[str]:
    """Return who is on the suppression list that the environment names; without one, nobody."""
    key = suppress_key(ctx)
    return suppression.read(lake(ctx), key) if key else set()


def _context(ctx: typer.Context) -> Context:
    context = ctx.obj
    assert isinstance(context, Context)
    return context
