"""Counts what Python does, whatever the machine is busy with: calls (Python's and C's), and bytecodes executed.

What waits and wakes (the event loop, threads) is left out, and what notes how long something took: how often they turn
is chance.
"""

import asyncio
import concurrent.futures
import gc
import inspect
import os
import selectors
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

import prometheus_client

WARM_UPS = 3
TRIES = 8
_WAITING = tuple(
    inspect.getfile(module).removesuffix("__init__.py")
    for module in (asyncio, concurrent.futures, prometheus_client, selectors, threading)
)
_OURS = str(Path(__file__).parent) + os.sep


class Count(NamedTuple):
    """Per event."""

    calls: float
    bytecodes: float


class Unstable(Exception):
    """The same work did not take the same steps twice."""


def count(work: Callable[[], object], events: int) -> Count:
    """Count work that is done already for a while, so that caches are warm. Raises Unstable."""
    for _ in range(WARM_UPS):
        work()
    return Count(*(round(_seen_twice(counter, work) / events, 2) for counter in (_calls, _bytecodes)))


def _seen_twice(counter: Callable[[Callable[[], object]], int], work: Callable[[], object]) -> int:
    seen: set[int] = set()
    for _ in range(TRIES):
        now = counter(work)
        if now in seen:
            return now
        seen.add(now)
    raise Unstable(f"{TRIES} counts, no two alike: {sorted(seen)}")


def _calls(work: Callable[[], object]) -> int:
    found = 0

    def profile(frame: FrameType, event: str, _: Any) -> None:
        nonlocal found
        if event in {"call", "c_call"} and not _waits(frame):
            found += 1

    _watched(work, lambda: sys.setprofile(profile), lambda: sys.setprofile(None))
    return found


def _bytecodes(work: Callable[[], object]) -> int:
    found = 0

    def opcode(_frame: FrameType, event: str, _: Any) -> Any:
        nonlocal found
        found += event == "opcode"
        return opcode

    def trace(frame: FrameType, _event: str, _: Any) -> Any:
        if _waits(frame):
            return None
        frame.f_trace_lines, frame.f_trace_opcodes = False, True
        return opcode

    _watched(work, lambda: sys.settrace(trace), lambda: sys.settrace(None))
    return found


def _watched(work: Callable[[], object], begin: Callable[[], None], end: Callable[[], None]) -> None:
    gc.collect()
    gc.disable()  # what a collection runs is counted where it happens to fall
    begin()
    try:
        work()
    finally:
        end()
        gc.enable()


def _waits(frame: FrameType) -> bool:
    return frame.f_code.co_filename.startswith((_OURS, *_WAITING))
