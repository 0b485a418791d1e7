"""SeaweedFS: an S3 server with conditional writes that is fast enough to measure a worker against."""

import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx

from bench import cores
from ops import stack

START_SECONDS = 40
BUCKET = "bench"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench"}
_PORTS = (
    "s3.port",
    "s3.port.grpc",
    "s3.port.iceberg",
    "master.port",
    "master.port.grpc",
    "volume.port",
    "volume.port.grpc",
    "filer.port",
    "filer.port.grpc",
    "admin.port",
    "admin.port.grpc",
    "metricsPort",
)


@contextmanager
def running() -> Iterator[str]:
    """Run it on the core around, with an empty bucket; yield its URL."""
    ports = dict(zip(_PORTS, _free_ports(len(_PORTS)), strict=True))
    weed = Path(sys.executable).with_name("weed")
    with tempfile.TemporaryDirectory(prefix="touchlake-") as folder, cores.pinned(cores.AROUND):
        log = Path(folder) / "log"
        options = {
            "dir": folder,
            "ip": "127.0.0.1",
            "ip.bind": "127.0.0.1",
            "bucket": BUCKET,
            "webdav": "false",
            **ports,
        }
        with log.open("wb") as out:
            server = subprocess.Popen(
                [weed, "mini", *(f"-{name}={value}" for name, value in options.items())],
                env=CREDENTIALS,
                cwd=folder,
                stdout=out,
                stderr=out,
            )
        url = f"http://127.0.0.1:{ports['s3.port']}"
        try:
            stack.wait_for(lambda: _is_ready(url), START_SECONDS, f"SeaweedFS did not start: {log.read_text()[-2000:]}")
            yield url
        finally:
            server.kill()  # what it holds goes with it
            server.wait(10)


def _is_ready(url: str) -> bool:
    """Tell whether the bucket is there: to who has no key the answer is 403."""
    try:
        return httpx.head(f"{url}/{BUCKET}", timeout=5).status_code in {200, 403}
    except httpx.TransportError:
        return False


def _free_ports(count: int) -> list[int]:
    with ExitStack() as held:
        sockets = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [listener.getsockname()[1] for listener in sockets]
