"""What an event costs in each step of the pure code, beside `orjson.loads` of the same bytes."""

import time
from collections import deque
from collections.abc import Callable, Iterable

import orjson

from bench import cores, samples
from bench.effort import Effort
from bench.figure import Rounds, ratios
from shared import intake, objects, packing, parts, rows
from shared.intake import Rules
from shared.objectstore import Stored
from worker.merge import add

POSTS = 100
RULES = Rules(max_event_bytes=2**15)
Groups = dict[str, dict[str, rows.Row]]


def measure(effort: Effort) -> Rounds:
    """Return microseconds an event of each step."""
    posts = samples.posts(effort.size(POSTS))
    lines = [_judge(body) for body in posts]
    packed = [packing.pack(each) for each in lines]
    placed = [rows.parse(line) for each in lines for line in each]
    groups = _group(placed)
    stored = {key: Stored(objects.encode(group.values()), "", {}) for key, group in groups.items()}
    steps: dict[str, Callable[[], Iterable[object]]] = {
        "us_orjson_loads": lambda: map(orjson.loads, posts),
        "us_body_to_rows": lambda: map(_judge, posts),
        "us_pack": lambda: map(packing.pack, lines),
        "us_unpack_and_place": lambda: map(_place, packed),
        "us_group": lambda: [_group(placed)],
        "us_encode_objects": lambda: (objects.encode(group.values()) for group in groups.values()),
        "us_decode_objects": lambda: (objects.decode(key, each) for key, each in stored.items()),
    }
    took: dict[str, list[float]] = {name: [] for name in steps}
    with cores.pinned(cores.MEASURED):
        for _ in range(effort.rounds):
            for name, step in steps.items():
                began = time.thread_time()
                deque(step(), maxlen=0)  # kept, they would be the garbage collector's to look through
                took[name].append((time.thread_time() - began) / len(placed) * 1e6)
    return {**took, "body_to_rows_vs_orjson": ratios(took["us_body_to_rows"], took["us_orjson_loads"])}


def _judge(body: bytes) -> list[bytes]:
    accepted = intake.judge(parts.split(body, "application/json"), samples.RECEPTION, RULES).accepted
    return [row.line for row in accepted]


def _place(body: str) -> list[rows.Row]:
    return [rows.parse(line) for line in packing.unpack(body)]


def _group(placed: list[rows.Row]) -> Groups:
    groups: Groups = {}
    for row in placed:
        add(groups.setdefault(row.key, {}), row)
    return groups
