"""`make faults`: many schedules, a table, and the report in docs/reliability.md."""

import argparse
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from ops import local
from tests import proxy as proxies
from tests.faults import schedule, trial
from tests.faults.trial import Outcome
from tests.integration.lab import Lab

MAX_RECEIVES = 100  # 5 would do in production; here a good message may be unlucky every three seconds
COLUMNS = (
    "seed",
    "acknowledged",
    "rows",
    "objects",
    "SIGKILL",
    "SIGTERM",
    "frozen",
    "faults",
    "503 or no answer",
    "held",
)
REPORT = Path("docs/reliability.md")
BEGIN, END = "<!-- report -->\n", "<!-- end of report -->"
console = Console(width=None if sys.stdout.isatty() else 130)


def main() -> int:
    wanted = _arguments()
    seeds = range(wanted.first_seed, wanted.first_seed + wanted.schedules)
    outcomes = [play(seed, wanted.seconds) for seed in track(seeds, "Playing schedules", console=console)]
    table = Table(*COLUMNS, title=f"{wanted.schedules} schedules of {wanted.seconds:g} s")
    for outcome in outcomes:
        table.add_row(*_cells(outcome), style="red" if outcome.faults else None)
    table.add_section()
    table.add_row(*_totals(outcomes))
    console.print(table)
    for outcome in outcomes:
        for fault in outcome.faults:
            console.print(f"[red]✗[/red] seed {outcome.seed}: {fault}", soft_wrap=True, highlight=False)
    if wanted.report:
        _write_report(outcomes, wanted.seconds)
    return int(any(outcome.faults for outcome in outcomes))


def play(seed: int, seconds: float) -> Outcome:
    """Play one seed on a queue and a bucket of its own."""
    with tempfile.TemporaryDirectory(prefix="touchlake-") as folder:
        lab = Lab(Path(folder), max_receives=MAX_RECEIVES)
        try:
            with proxies.running(local.environment()["AWS_ENDPOINT_URL"]) as proxy:
                return trial.play(schedule.draw(seed, seconds), lab, proxy)
        finally:
            lab.close()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--schedules", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=12)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--report", action="store_true", help=f"write the result into {REPORT}")
    return parser.parse_args()


def _cells(outcome: Outcome) -> list[str]:
    ended = outcome.ended
    numbers = (outcome.acknowledged, outcome.rows, outcome.objects, ended["SIGKILL"], ended["SIGTERM"], ended["frozen"])
    last = (f"{outcome.injected.total():,}", f"{outcome.failures:,}", "no" if outcome.faults else "yes")
    return [str(outcome.seed), *(f"{number:,}" for number in numbers), *last]


def _totals(outcomes: list[Outcome]) -> list[str]:
    columns = list(zip(*(_cells(outcome) for outcome in outcomes), strict=True))
    sums = (f"{sum(int(cell.replace(',', '')) for cell in column):,}" for column in columns[1:-1])
    return ["all", *sums, f"{sum(not outcome.faults for outcome in outcomes)} of {len(outcomes)}"]


def _write_report(outcomes: list[Outcome], seconds: float) -> None:
    kinds = sum((outcome.injected for outcome in outcomes), start=Counter[str]())
    seeds = f"seeds {outcomes[0].seed} to {outcomes[-1].seed}"
    lines = [
        f"Run on {datetime.now(UTC):%Y-%m-%d}: {len(outcomes)} schedules of {seconds:g} s, {seeds}.\n",
        "| " + " | ".join(COLUMNS) + " |",
        "|" + "---|" * len(COLUMNS),
        *("| " + " | ".join(_cells(outcome)) + " |" for outcome in outcomes),
        "| " + " | ".join(f"**{cell}**" for cell in _totals(outcomes)) + " |",
        "\n| fault | times |\n|---|---|",
        *(f"| {name} | {count:,} |" for name, count in sorted(kinds.items())),
    ]
    before, _, rest = REPORT.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    REPORT.write_text(before + BEGIN + "\n".join(lines) + "\n" + END + after)


if __name__ == "__main__":
    sys.exit(main())
