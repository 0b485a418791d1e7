"""The stack on this machine: one API and some workers as processes, against LocalStack."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
import orjson

from ops import local
from ops.local import Provision

T = TypeVar("T")
START_SECONDS = 30
STOP_SECONDS = 120


class StackError(Exception):
    """A process did not start or stop as it should; the message names its log."""


@dataclass
class Process:
    """One of our processes, logging to a file of JSON lines."""

    name: str
    popen: "subprocess.Popen[bytes]"
    log: Path

    def announced(self, event: str, name: str) -> str:
        """Wait for a log line and return one of its fields."""
        line = wait_for(lambda: self._find(event), START_SECONDS, f"{self.name} did not say {event!r}: see {self.log}")
        return str(line[name])

    def stop(self) -> int:
        """Send SIGTERM; return the exit status."""
        self.popen.terminate()
        try:
            return self.popen.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()
            raise StackError(f"{self.name} did not stop in {STOP_SECONDS} s: see {self.log}") from None

    def _find(self, event: str) -> dict[str, Any] | None:
        if self.popen.poll() is not None:
            raise StackError(f"{self.name} ended with {self.popen.returncode}: {self.log.read_text()[-2000:]}")
        lines = (orjson.loads(line) for line in self.log.read_bytes().split(b"\n")[:-1] if line.startswith(b"{"))
        return next((line for line in lines if line.get("event") == event), None)


@dataclass
class Stack:
    """Where the stack answers, and its processes."""

    api_url: str = ""
    metrics_urls: list[str] = field(default_factory=list)
    processes: list[Process] = field(default_factory=list)

    def check(self) -> None:
        """Raise StackError when a process has ended."""
        for process in self.processes:
            if process.popen.poll() is not None:
                raise StackError(f"{process.name} ended with {process.popen.returncode}: see {process.log}")


@contextmanager
def run(
    made: Provision, settings: Mapping[str, str], logs: Path, *, workers: int = 2, port: int = 0
) -> Iterator[Stack]:
    """Start an API and workers, wait until they are ready, and stop them in order at the end: API first."""
    logs.mkdir(parents=True, exist_ok=True)
    environment = environment_for(made, settings)
    stack = Stack()
    with ExitStack() as running:
        for number in range(workers):
            metrics_port = str(9100 + number if port else 0)
            worker = start(
                f"worker-{number}", "worker", {**environment, "TOUCHLAKE_WORKER_METRICS_PORT": metrics_port}, logs
            )
            running.callback(stop_if_running, worker)
            stack.processes.append(worker)
        api = start("api", "api", {**environment, "TOUCHLAKE_API_PORT": str(port)}, logs)
        running.callback(stop_if_running, api)
        stack.processes.append(api)
        stack.metrics_urls = [worker.announced("started", "metrics_url") for worker in stack.processes[:workers]]
        stack.api_url = api.announced("listening", "url")
        wait_for(lambda: _is_ready(stack.api_url), START_SECONDS, f"the API is not ready: see {api.log}")
        yield stack


def environment_for(made: Provision, settings: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a process of ours that talks to LocalStack."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TOUCHLAKE_"))},
        **local.environment(),
        "TOUCHLAKE_QUEUE_URL": made.queue_url,
        "TOUCHLAKE_LAKE_BUCKET": made.bucket,
        "TOUCHLAKE_WORKER_POLL_SECONDS": "2",  # a worker stops within one long poll
        **settings,
    }


def start(name: str, module: str, environment: Mapping[str, str], logs: Path) -> Process:
    """Start `python -m MODULE`, logging to NAME.log."""
    log = logs / f"{name}.log"
    with log.open("wb") as out:
        popen = subprocess.Popen([sys.executable, "-m", module], env=environment, stdout=out, stderr=out)
    return Process(name, popen, log)


def stop_if_running(process: Process) -> None:
    if process.popen.poll() is None:
        process.stop()


def wait_for(look: Callable[[], T | None], seconds: float, otherwise: str) -> T:
    """Look until there is something to see. Raises StackError."""
    deadline = time.monotonic() + seconds
    while not (seen := look()):
        if time.monotonic() > deadline:
            raise StackError(otherwise)
        time.sleep(0.05)
    return seen


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=5).is_success
    except httpx.TransportError:
        return False
