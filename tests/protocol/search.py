"""The search: play schedules until one breaks something, then look for the smallest that still does."""

import time
from collections import Counter
from random import Random
from typing import NamedTuple

from hypothesis import Phase, find, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from tests.protocol.model import Protocol, Run, run

TAPES = st.binary(min_size=96, max_size=96)
"""Enough for some 33 steps before calm begins, which takes 11 more."""


class Search(NamedTuple):
    """`schedules` were played until the first that broke something, if one did; `smallest` tells it step by step.

    `seconds` are of CPU time.
    """

    schedules: int
    seconds: float
    counts: Counter[str]
    smallest: Run | None


def search(protocol: Protocol, *, schedules: int, seed: int, shrinks: bool = True) -> Search:
    """Play that many schedules. The same seed plays the same ones."""
    counts: Counter[str] = Counter()
    played = 0
    seconds = 0.0
    began = time.process_time()

    def breaks(tape: bytes) -> bool:
        nonlocal played, seconds
        outcome = run(tape, protocol)
        if not seconds:
            counts.update(outcome.counts)
            played += 1
        if outcome.broken and not seconds:
            seconds = time.process_time() - began
        return outcome.broken is not None

    phases = [Phase.generate, Phase.shrink] if shrinks else [Phase.generate]
    how = settings(max_examples=schedules, deadline=None, database=None, phases=phases)
    try:
        tape = find(TAPES, breaks, settings=how, random=Random(seed))
    except NoSuchExample:
        return Search(played, time.process_time() - began, counts, None)
    return Search(played, seconds, counts, run(tape, protocol, traced=True))
