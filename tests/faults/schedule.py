"""What happens to the pipeline, and when: drawn from a seed, so that a seed repeats its schedule. Pure."""

import random
from typing import Literal, NamedTuple

WORKERS = ("worker0", "worker1")
APIS = ("api0", "api1")
Deed = Literal["kill", "stop", "freeze", "ambush", "away"]
FREEZE_SECONDS = 5.0  # longer than the visibility timeout of the tests' queues
OPERATIONS = {
    "worker": ("ReceiveMessage", "GET object", "PUT object", "DeleteMessageBatch"),
    "api": ("SendMessageBatch",),
}


class Act(NamedTuple):
    """Something done to one process, or for `away` to the network, so many seconds after the start.

    `ambush` kills a process at its next call of `operation`: with the call done and unanswered, or not done at all.
    """

    at: float
    deed: Deed
    name: str
    seconds: float = 0
    operation: str = ""
    is_done: bool = False


class Schedule(NamedTuple):
    """`rate` is the share of the calls to SQS and S3 that go wrong."""

    seed: int
    seconds: float
    rate: float
    acts: list[Act]


def draw(seed: int, seconds: float) -> Schedule:
    """Draw a schedule: processes of each kind are killed, at any time and at a chosen call; a worker is frozen."""
    chance = random.Random(f"schedule {seed}")
    acts = [
        Act(chance.uniform(0.5, seconds), "kill", chance.choice(APIS)),
        Act(chance.uniform(0.5, seconds), "kill", chance.choice(WORKERS)),
        _ambush(chance, seconds, "worker", WORKERS),
        _ambush(chance, seconds, "api", APIS),
        Act(chance.uniform(0, seconds / 2), "freeze", chance.choice(WORKERS), FREEZE_SECONDS),
        Act(chance.uniform(0.5, seconds), "stop", chance.choice(WORKERS + APIS)),
        Act(chance.uniform(0, seconds), "away", "network", chance.uniform(0.5, 3)),
    ]
    return Schedule(seed, seconds, chance.choice([0.1, 0.2, 0.35]), sorted(acts))


def _ambush(chance: random.Random, seconds: float, kind: str, names: tuple[str, ...]) -> Act:
    operation, is_done = chance.choice(OPERATIONS[kind]), chance.random() < 0.5
    return Act(chance.uniform(0, seconds / 2), "ambush", chance.choice(names), 0, operation, is_done)
