"""Progress bars, on standard error, so that what a command prints can be piped."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)

from ops.context import errors

Advance = Callable[[int], None]


@contextmanager
def counter(title: str, unit: str) -> Iterator[Advance]:
    """Show a running count, for work of unknown length."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn(f"{{task.completed:,}} {unit}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=errors, transient=True) as bars:
        task = bars.add_task(title, total=None)
        yield lambda count: bars.advance(task, count)


@contextmanager
def file_bar(title: str, path: Path) -> Iterator[tuple[Callable[[int], None], Callable[[str], None]]]:
    """Show how much of a file is read; yield the setters of the position and of a remark beside the bar."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[remark]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=errors, transient=True) as bars:
        task = bars.add_task(title, total=path.stat().st_size, remark="")
        yield (
            lambda position: bars.update(task, completed=position),
            lambda remark: bars.update(task, remark=remark),
        )


@contextmanager
def level(title: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show a bar whose level is set, not advanced."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True) as bars:
        task = bars.add_task(title, total=total)
        yield lambda reached: bars.update(task, completed=min(reached, total))
