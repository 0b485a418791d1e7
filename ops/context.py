"""What commands share: the clients that `__main__` builds from the environment, no sooner than one asks."""

from collections.abc import Callable
from dataclasses import dataclass

import typer
from rich.console import Console

from shared.objectstore import ObjectStore

console = Console()
errors = Console(stderr=True)


@dataclass(frozen=True)
class Context:
    """Handed to every command as `typer.Context.obj`."""

    lake: Callable[[], ObjectStore]


def lake(ctx: typer.Context) -> ObjectStore:
    """Return the lake that the environment names."""
    context = ctx.obj
    assert isinstance(context, Context)
    return context.lake()
