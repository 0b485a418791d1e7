"""A queue, a bucket and processes of their own for one test, on LocalStack."""

import signal
import subprocess
import sys
import uuid
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import orjson
from localstack_client.session import Session

from ops import local, readings, stack, verification
from ops.stack import Process
from ops.verification import Report
from shared import packing
from shared.queue import SqsQueue
from tests.factories import make_event, wait_until

KEY = "test-key"
VISIBILITY_SECONDS = 3
MAX_RECEIVES = 3
OTHER_VARIABLES = ("AWS_", "LD_", "FAKETIME_", "DONT_FAKE_")


class Lab:
    """Starts processes, fills the queue, reads the lake. `close` kills what still runs, by its process id."""

    def __init__(self, folder: Path, max_receives: int = MAX_RECEIVES) -> None:
        self._folder = folder
        self.made = local.provision(
            f"t-{uuid.uuid4().hex[:12]}", visibility_seconds=VISIBILITY_SECONDS, max_receives=max_receives
        )
        self.lake = local.lake(self.made.bucket)
        self.sqs: Any = Session().client("sqs")
        self.queue = SqsQueue(self.sqs, self.made.queue_url)
        self.processes: list[Process] = []

    def close(self) -> None:
        for process in self.processes:
            if process.popen.poll() is None:
                process.popen.kill()
            process.popen.wait(10)
        for url in (self.made.queue_url, self.made.dead_letter_url):
            self.sqs.delete_queue(QueueUrl=url)

    def environment(self, **settings: Any) -> dict[str, str]:
        """Return a process's environment; settings without the TOUCHLAKE_ prefix, other variables as they are."""
        fast = {
            "WRITE_KEYS": f"{KEY}:test",
            "API_PORT": 0,
            "WORKER_METRICS_PORT": 0,
            "WORKER_FLUSH_SECONDS": 0.3,
            "WORKER_POLL_SECONDS": 1,
            "WORKER_VISIBILITY_SECONDS": VISIBILITY_SECONDS,
        }
        named = {
            name if name.startswith(OTHER_VARIABLES) else f"TOUCHLAKE_{name}": str(value)
            for name, value in (fast | settings).items()
        }
        return stack.environment_for(self.made, named)

    def start(self, module: str, **settings: Any) -> Process:
        """Start `python -m MODULE`."""
        environment = self.environment(**settings)
        process = stack.start(f"{module}-{len(self.processes)}", module, environment, self._folder)
        self.processes.append(process)
        return process

    def api(self, **settings: Any) -> "ApiProcess":
        return ApiProcess(self.start("api", **settings))

    def worker(self, **settings: Any) -> Process:
        worker = self.start("worker", **settings)
        worker.announced("started", "metrics_url")
        return worker

    def enqueue(self, *bodies: str) -> None:
        for body in bodies:
            self.sqs.send_message(QueueUrl=self.made.queue_url, MessageBody=body)

    def enqueue_lines(self, *lines: bytes) -> None:
        self.enqueue(packing.pack(lines))

    @property
    def backlog(self) -> int:
        return local.backlog(self.made.queue_url)

    @property
    def dead(self) -> int:
        return local.backlog(self.made.dead_letter_url)

    def read(self) -> Report:
        return verification.verify(self.lake)

    def rows(self, prefix: str = "events/") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        verification.verify(
            self.lake,
            lambda key, _, content: found.extend(orjson.loads(r.line) for r in content if key.startswith(prefix)),
        )
        return found

    def wait_until_done(self, seconds: float = 30) -> None:
        """Wait until the queue is empty: every message deleted, so all of its rows durable."""
        wait_until(lambda: self.backlog == 0, "the queue is empty", seconds)

    def assert_once(self, *event_ids: str) -> None:
        """Every event stands in the lake once, nothing else does, and the lake is in order."""
        report = self.read()

        assert report.problems == []
        assert Counter(report.ids) == Counter(dict.fromkeys(event_ids, 1))


class ApiProcess:
    """A running API."""

    def __init__(self, process: Process, url: str | None = None) -> None:
        self.process = process
        self.url = url or process.announced("listening", "url")

    def post(self, *event_ids: str, **members: Any) -> httpx.Response:
        return self.post_json([make_event(messageId=event_id, **members) for event_id in event_ids])

    def post_json(self, body: Any, timeout: float = 30) -> httpx.Response:
        return httpx.post(
            f"{self.url}/v1/events", json=body, headers={"Authorization": f"Bearer {KEY}"}, timeout=timeout
        )


def ops(lab: Lab, *words: object, status: int = 0, **environment: str) -> str:
    """Run `python -m ops WORDS` against a lab; return what it printed, both streams."""
    ended = subprocess.run(
        [sys.executable, "-m", "ops", *map(str, words)],
        env=stack.environment_for(lab.made, {"COLUMNS": "200", **environment}),
        capture_output=True,
        timeout=120,
        check=False,
    )
    text = ended.stdout.decode() + ended.stderr.decode()
    assert ended.returncode == status, text
    return text


def total(worker: Process, name: str) -> float:
    return readings.total([worker.announced("started", "metrics_url")], name)


def kill(process: Process) -> None:
    process.popen.send_signal(signal.SIGKILL)
    assert process.popen.wait(10) == -signal.SIGKILL


def log_lines(process: Process) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in process.log.read_bytes().splitlines()]
