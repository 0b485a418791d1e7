"""What commands share: the clients that `__main__` builds from the environment, no sooner than one asks."""

from collections.abc import Callable
from dataclasses import dataclass

import typer
from rich.console import Console

from shared.objectstore import ObjectStore
from shared.queue import Queue

console = Console()
errors = Console(stderr=True)


@dataclass(frozen=True)
class Context:
    """Handed to every command as `typer.Context.obj`."""

    lake: Callable[[], ObjectStore]
    queue: Callable[[], Queue]


def lake(ctx: typer.Context) -> ObjectStore:
    """Return the lake that the environment names."""
    return _context(ctx).lake()


def queue(ctx: typer.Context) -> Queue:
    """Return the queue that the environment names."""
    return _context(ctx).queue()


def _context(ctx: typer.Context) -> Context:
    context = ctx.obj
    assert isinstance(context, Context)
    return context
