"""Two cores: what is measured has one to itself; the load, the stubs and the stores around it share the other."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ALL = sorted(os.sched_getaffinity(0))
MEASURED, AROUND = ALL[0], ALL[-1]
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


@contextmanager
def pinned(core: int) -> Iterator[None]:
    """Pin this thread, and every process and thread that it starts meanwhile."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def cpu_seconds(pid: int) -> float:
    """Return what a process, all of its threads together, has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_A_SECOND
