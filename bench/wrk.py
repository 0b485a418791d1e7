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
    url: str, bodies: Sequence[bytes], *, connections: int, seconds: float, pause_ms: float = 0, key: str = ""
) -> Load:
    """POST the bodies in turn from so many connections; each sends, waits for the answer, pauses, and sends again.

    Raises LoadError when a request failed.
    """
    used = _cpu_of_children()
    said = _run(url, bodies, connections=connections, seconds=seconds, pause_ms=pause_ms, key=key)
    used = _cpu_of_children() - used
    took = said["microseconds"] / 1e6
    return Load(said["requests"] / took, said["requests"], said["p50"] / 1000, said["p99"] / 1000, used / took)


def post_once(url: str, bodies: Sequence[bytes], *, connections: int, seconds: float, key: str = "") -> None:
    """POST each body once, within `seconds`. Raises LoadError when a request failed."""
    said = _run(url, bodies, connections=connections, seconds=seconds, count=len(bodies), key=key)
    if said["requests"] != len(bodies):
        raise LoadError(f"{said['requests']} of {len(bodies)} requests were answered")


def _run(
    url: str,
    bodies: Sequence[bytes],
    *,
    connections: int,
    seconds: float,
    pause_ms: float = 0,
    count: int = 0,
    key: str,
) -> dict[str, int]:
    options = ("--threads", "1", "--connections", str(connections), "--duration", f"{seconds:.0f}s", "--timeout", "10s")
    headers = ("--header", "Content-Type: application/json", "--header", f"Authorization: Bearer {key}")
    with tempfile.NamedTemporaryFile() as file, cores.pinned(cores.AROUND):
        file.write(b"\n".join(bodies) + b"\n")
        file.flush()
        ended = subprocess.run(
            ["wrk", *options, *headers, "--script", str(SCRIPT), url, "--", file.name, f"{pause_ms:.3f}", str(count)],
            capture_output=True,
            timeout=seconds + SPARE_SECONDS,
            check=False,
        )
    if ended.returncode:
        raise LoadError(f"wrk ended with {ended.returncode}: {ended.stderr.decode()[-500:]}")
    said: dict[str, int] = orjson.loads(ended.stdout.splitlines()[-1])
    if said["failed"] or not said["requests"]:
        raise LoadError(f"requests failed, or there were none: {said}")
    return said


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
