"""Processes of ours on the measured core, with the product's defaults but for what a measurement names."""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import cores
from ops import stack
from ops.stack import Process

KEY = "bench-key"


@contextmanager
def running(module: str, sqs_url: str, **variables: str) -> Iterator[Process]:
    """Run `python -m MODULE` against a queue; kill it at the end. Variables are settings, or AWS's own."""
    environment = {
        "PATH": os.environ["PATH"],
        "AWS_ENDPOINT_URL": sqs_url,
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "TOUCHLAKE_QUEUE_URL": f"{sqs_url}/000000000000/bench",
        "TOUCHLAKE_LAKE_BUCKET": "bench",
        "TOUCHLAKE_WRITE_KEYS": f"{KEY}:bench",
        "TOUCHLAKE_API_PORT": "0",
        "TOUCHLAKE_WORKER_METRICS_PORT": "0",
        **{name if name.startswith("AWS_") else f"TOUCHLAKE_{name}": value for name, value in variables.items()},
    }
    with tempfile.TemporaryDirectory(prefix="touchlake-") as folder:
        with cores.pinned(cores.MEASURED):
            process = stack.start(module, module, environment, Path(folder))
        try:
            yield process
        finally:
            process.popen.kill()
            process.popen.wait(10)


@contextmanager
def api(sqs_url: str, **variables: str) -> Iterator[tuple[Process, str]]:
    """Run an API; yield it and its URL."""
    with running("api", sqs_url, **variables) as process:
        yield process, process.announced("listening", "url")


def resident(process: Process, field: str = "VmHWM") -> int:
    """Return the resident size in bytes: its peak, or that of another field of /proc/PID/status."""
    status = Path(f"/proc/{process.popen.pid}/status").read_text()
    (kilobytes,) = re.findall(rf"{field}:\s+(\d+) kB", status)
    return int(kilobytes) * 1024
