"""What an event costs in the pure code, beside `orjson.loads` of the same bytes, in one run: `make bench`.

Five alternating rounds; medians. Ratios carry over to other machines, times do not.
"""

import statistics
import time
from collections.abc import Callable

import orjson
from rich.console import Console
from rich.table import Table

from ops import generator
from shared import intake, objects, packing, parts, rows
from shared.events import Reception
from shared.intake import Rules
from shared.objectstore import Stored
from shared.timestamps import now
from worker.merge import add

ROUNDS = 5
RULES = Rules(max_event_bytes=2**15)
EVENTS = [event for event, _ in zip(generator.generate(users=500, days=28, seed=1), range(10_000), strict=False)]
BODIES = [orjson.dumps(EVENTS[start : start + 100]) for start in range(0, len(EVENTS), 100)]
RECEPTION = Reception(now(), "bench")
LINES = [
    [row.line for row in intake.judge(parts.split(data, "application/json"), RECEPTION, RULES).accepted]
    for data in BODIES
]
PACKED = [packing.pack(lines) for lines in LINES]
ROWS = [rows.parse(line) for lines in LINES for line in lines]


def main() -> None:
    steps: dict[str, Callable[[], object]] = {
        "orjson.loads": lambda: [orjson.loads(data) for data in BODIES],
        "api: body to rows": _judge,
        "api: pack": lambda: [packing.pack(lines) for lines in LINES],
        "worker: unpack and place": lambda: [rows.parse(line) for data in PACKED for line in packing.unpack(data)],
        "worker: group": _group,
        "worker: write objects": lambda: [objects.encode(group.values()) for group in GROUPS.values()],
        "worker: read objects": lambda: [objects.decode(key, stored) for key, stored in STORED.items()],
    }
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(ROUNDS):
        for name, step in steps.items():
            began = time.perf_counter()
            step()
            seconds[name].append((time.perf_counter() - began) / len(EVENTS))
    _show({name: statistics.median(values) for name, values in seconds.items()})


def _judge() -> None:
    for data in BODIES:
        intake.judge(parts.split(data, "application/json"), RECEPTION, RULES)


def _group() -> dict[str, dict[str, rows.Row]]:
    groups: dict[str, dict[str, rows.Row]] = {}
    for row in ROWS:
        add(groups.setdefault(row.key, {}), row)
    return groups


def _show(medians: dict[str, float]) -> None:
    size = sum(map(len, BODIES)) // len(EVENTS)
    table = Table(
        "step",
        "µs an event",
        "x orjson.loads",
        title=f"{len(EVENTS):,} events of {size} bytes, {len(GROUPS):,} objects",
    )
    for name, median in medians.items():
        table.add_row(name, f"{median * 1e6:.2f}", f"{median / medians['orjson.loads']:.1f}")
    Console().print(table)


GROUPS = _group()
STORED = {key: Stored(objects.encode(group.values()), "", {}) for key, group in GROUPS.items()}

if __name__ == "__main__":
    main()
