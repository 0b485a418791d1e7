"""Faults between the processes and AWS, drawn from a seed call by call."""

import random
import threading
from collections import Counter
from collections.abc import Callable

from tests.proxy import (
    Action,
    Answer,
    Call,
    Forward,
    cut,
    do_but_answer,
    do_but_answer_half,
    do_but_cut,
    refuse,
    slowly,
)

FAULTS: dict[str, Action] = {
    "500": refuse(500),
    "503 SlowDown": refuse(503),
    "429": refuse(429),
    "done, answered 500": do_but_answer(500),
    "done, cut": do_but_cut,
    "done, half an answer": do_but_answer_half,
    "cut": cut,
    "slow": slowly(0.8),
}


class Injector:
    """The action of a proxy: the n-th call of an operation meets the fault that the seed has for it, or none."""

    def __init__(self, seed: int, rate: float) -> None:
        self._seed = seed
        self._rate = rate
        self._lock = threading.Lock()
        self._seen: Counter[str] = Counter()
        self._ambushes: dict[tuple[str, str], tuple[bool, Callable[[], None]]] = {}
        self.injected: Counter[str] = Counter()

    def ambush(self, caller: str, operation: str, *, is_done: bool, strike: Callable[[], None]) -> None:
        """At the caller's next call of an operation, do it or not, and call `strike` instead of an answer."""
        with self._lock:
            self._ambushes[caller, operation] = is_done, strike

    def heal(self) -> None:
        """Inject no more."""
        with self._lock:
            self._rate = 0
            self._ambushes.clear()

    def __call__(self, call: Call, forward: Forward) -> Answer | None:
        with self._lock:
            ambush = self._ambushes.pop((call.caller, call.operation), None)
            fault = None if ambush else self._draw(call.operation)
            if ambush or fault:
                self.injected[fault or "ambush"] += 1
        if ambush:
            is_done, strike = ambush
            if is_done:
                forward(None)
            strike()
            return None
        return FAULTS[fault](call, forward) if fault else forward(None)

    def _draw(self, operation: str) -> str | None:
        self._seen[operation] += 1
        chance = random.Random(f"{self._seed} {operation} {self._seen[operation]}")
        return chance.choice(list(FAULTS)) if chance.random() < self._rate else None
