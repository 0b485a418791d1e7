"""How the worker's time grows with the number of events: ten times as many should take ten times as long.

The worker's own consumer, by its defaults, over a queue and a store in memory; it is stopped when it has received all,
so that the last window is written at once. Users are about for a while, as in life: the rows of an object come among
5,000 others, so that nearly all of them meet in one window.
"""

import random
from collections.abc import Iterator

from bench import samples
from bench.effort import Effort
from bench.figure import Rounds, worst_growth
from bench.inprocess import drain, in_fresh_process

SIZES = (10_000, 100_000, 1_000_000)
ROUNDS = {10_000: 5, 100_000: 2, 1_000_000: 1}
"""A longer run is a mean of more, so fewer do."""
ROWS_AN_OBJECT = (5, 50)
EVENTS_ABOUT = 5000
SECONDS = 240
_LINE = (
    '{"event_id":"%024x","type":"track","event":"touch_sent","user_id":"bt_%08d","timestamp":"2026-11-22T10:%s.123000Z",'
    '"properties":{"duration_ms":1200,"color":"rose"},"context":{"app":{"name":"Bond Touch","version":"5.2.0"},'
    '"os":{"name":"Android","version":"15"},"locale":"pt-BR"},"received_at":"2026-11-23T12:00:00.000000Z",'
    '"source":"bench"}'
)


def measure(effort: Effort) -> Rounds:
    sizes = [size for size in SIZES if size <= effort.size(SIZES[-1])]
    figures: dict[str, list[float]] = {}
    for rows in ROWS_AN_OBJECT:
        took: dict[int, list[float]] = {size: [] for size in sizes}
        for number in range(max(ROUNDS.values())):
            for size in sizes:
                if number < min(ROUNDS[size], effort.rounds):
                    took[size].append(in_fresh_process(work_off, size, rows, seconds=SECONDS))
        figures[f"growth_{rows}"] = [worst_growth(took)]
        figures[f"growth_{rows}_us_per_event"] = [seconds / sizes[-1] * 1e6 for seconds in took[sizes[-1]]]
    return figures


def work_off(events: int, rows_an_object: int) -> float:
    """Return the seconds that the worker takes for so many events."""
    return drain(samples.messages(list(lines(events, rows_an_object))), SECONDS)


def lines(events: int, rows_an_object: int) -> Iterator[bytes]:
    """Yield canonical rows, so many of each user's day, in the order of an evening on which many are about."""
    chance = random.Random(1)
    about = EVENTS_ABOUT // rows_an_object
    for first in range(0, events // rows_an_object, about):
        mixed = [user for user in range(first, first + about) for _ in range(rows_an_object)]
        chance.shuffle(mixed)
        yield from (line(user, chance) for user in mixed)


def line(user: int, chance: random.Random) -> bytes:
    """Return a canonical row."""
    moment = f"{chance.randrange(60):02}:{chance.randrange(60):02}"
    return (_LINE % (chance.getrandbits(96), user, moment)).encode()
