"""The processes of a pipeline under fault: each has a name, and comes back when it has ended."""

import signal
import threading
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

from ops.stack import Process
from tests.integration.lab import ApiProcess, Lab, log_lines

RESTART_SECONDS = 0.1


class Crew:
    """Starts processes again as an orchestrator does, until it is dismissed.

    One that ends by itself, or does not end with 0 when told to stop, is a surprise: a fault of ours.
    """

    def __init__(self, lab: Lab, settings: Mapping[str, Any]) -> None:
        self._lab = lab
        self._settings = settings
        self._processes: dict[str, Process] = {}
        self._told: set[int] = set()
        self._lock = threading.RLock()
        self._watching = threading.Event()
        self._watch = threading.Thread(target=self._restart_the_fallen, daemon=True)
        self.urls: dict[str, str] = {}
        self.ended: Counter[str] = Counter()
        self.surprises: list[str] = []

    def start(self, *names: str) -> None:
        for name in names:
            self._start(name)
        self._watch.start()

    def kill(self, name: str) -> None:
        self._end(name, signal.SIGKILL)

    def stop(self, name: str) -> None:
        self._end(name, signal.SIGTERM)

    def freeze(self, name: str, seconds: float) -> None:
        """Stop a process as a stalled host does, and let it go on as if nothing had been."""
        process = self._processes[name].popen
        process.send_signal(signal.SIGSTOP)
        self.ended["frozen"] += 1
        time.sleep(seconds)
        process.send_signal(signal.SIGCONT)

    def dismiss(self) -> None:
        """Restart no more, and tell every process to stop."""
        self._watching.set()
        self._watch.join(30)
        for process in self._processes.values():
            status = process.stop()
            if status != 0:
                self.surprises.append(f"{process.name} ended with {status}: see {process.log}")

    def _start(self, name: str) -> None:
        settings = {**self._settings, "AWS_ACCESS_KEY_ID": name}
        if name.startswith("api"):
            process = self._lab.start("api", **settings)
            self.urls[name] = ApiProcess(process).url
        else:
            process = self._lab.start("worker", **settings)
        self._processes[name] = process

    def _end(self, name: str, number: signal.Signals) -> None:
        with self._lock:
            process = self._processes[name].popen
            if process.poll() is None:
                self._told.add(process.pid)
                self.ended[number.name] += 1
                process.send_signal(number)
                process.send_signal(signal.SIGCONT)  # one that is frozen must see it

    def _restart_the_fallen(self) -> None:
        while not self._watching.wait(RESTART_SECONDS):
            for name, process in list(self._processes.items()):
                status = process.popen.poll()
                if status is None:
                    continue
                with self._lock:
                    is_expected = status in (0, -signal.SIGKILL) or not _has_started(process)
                    if process.popen.pid not in self._told or not is_expected:
                        self.surprises.append(f"{name} ended with {status}: see {process.log}")
                self._start(name)


def _has_started(process: Process) -> bool:
    """Tell whether a process has come so far that it takes SIGTERM as a wish; before, that ends it at once."""
    return any(line["event"] in ("started", "listening") for line in log_lines(process))
