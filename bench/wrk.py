"""The load generator: wrk, which makes 100,000 requests a second on a core, so that it is not what is measured."""

import resource
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import orjson

from bench import cores

SCRIPT = Path(__file__).with_suffix(".lua")
HEADERS = {"Content-Type": "application/json"}
SPARE_SECONDS = 30
"""How long after its time wrk may take to end."""


class Load(NamedTuple):
    """What wrk saw; times in milliseconds. `busy` is the share of a core that it took itself."""

    per_second: float
    requests: int
    p50: float
    p99: float
    busy: float


class LoadError(Exception):
    """There is no generator, or requests failed."""


def check() -> None:
    """Raise LoadError where wrk is missing."""
    if not shutil.which("wrk"):
        raise LoadError("wrk makes the load, and is not installed: apt-get install wrk")


def post(
    url: str,
    bodies: Sequence[bytes],
    *,
    connections: int,
    seconds: float,
    pause_ms: float = 0,
    count: int = 0,
    key: str | None = None,
) -> Load:
    """POST the bodies in turn from so many connections; each sends, waits for the answer, pauses, and sends again.

    With `count` it ends after so many answers, and within `seconds`. Raises LoadError when a request failed.
    """
    headers = HEADERS | ({"Authorization": f"Bearer {key}"} if key else {})
    options = ("--threads", "1", "--connections", str(connections), "--duration", f"{seconds:.0f}s")
    with tempfile.NamedTemporaryFile() as file, cores.pinned(cores.AROUND):
        file.write(b"\n".join(bodies) + b"\n")
        file.flush()
        used = _cpu_of_children()
        ended = subprocess.run(
            ["wrk", *options, "--timeout", "10s", "--script", str(SCRIPT)]
            + [word for name, value in headers.items() for word in ("--header", f"{name}: {value}")]
            + [url, "--", file.name, f"{pause_ms:.3f}", str(count)],
            capture_output=True,
            timeout=seconds + SPARE_SECONDS,
            check=False,
        )
        used = _cpu_of_children() - used
    if ended.returncode:
        raise LoadError(f"wrk ended with {ended.returncode}: {ended.stderr.decode()[-500:]}")
    return _read(orjson.loads(ended.stdout.splitlines()[-1]), used)


def _read(said: dict[str, int], cpu_seconds: float) -> Load:
    if said["failed"] or not said["requests"]:
        raise LoadError(f"requests failed, or there were none: {said}")
    seconds = said["microseconds"] / 1e6
    return Load(
        said["requests"] / seconds, said["requests"], said["p50"] / 1000, said["p99"] / 1000, cpu_seconds / seconds
    )


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
