"""`make fuzz`: many hostile requests, and a table of what they were answered."""

import argparse
import sys

from rich.console import Console
from rich.progress import track
from rich.table import Table

from shared import logs
from tests.fuzz import inputs, target

console = Console()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    logs.configure("fuzz", "CRITICAL")
    drawn = (inputs.draw(wanted.seed, number) for number in range(wanted.inputs))
    try:
        statuses = target.feed(track(drawn, "Feeding", wanted.inputs, console=console))
    except target.Broken as broken:
        console.print(f"[red]✗[/red] seed {wanted.seed}: {broken}", soft_wrap=True, highlight=False)
        return 1
    table = Table("status", "answers", title=f"{wanted.inputs:,} inputs of seed {wanted.seed}")
    for status, count in sorted(statuses.items()):
        table.add_row(str(status), f"{count:,}")
    console.print(table)
    console.print("[green]✓[/green] no answer that must not be, and every enqueued row is readable")
    return 0


if __name__ == "__main__":
    sys.exit(main())
