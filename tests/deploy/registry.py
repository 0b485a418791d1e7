"""A registry of images on loopback: Debian's docker-registry. Nothing is kept after it."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.deploy.ports import free_port
from tests.factories import wait_until

CONFIGURATION = """\
version: 0.1
storage: {{inmemory: {{}}}}
http: {{addr: "{address}"}}
auth: {{htpasswd: {{realm: test, path: {passwords}}}}}
"""
USER, PASSWORD = "AWS", "token"
PASSWORDS = "AWS:$2b$05$td6J4S4PyP.T5Flpaq8I4uHk0ipV5xKUEYIh2U7IBXLOs/KXicr1S\n"  # bcrypt of "token"


def missing() -> str | None:
    return None if shutil.which("docker-registry") else "no docker-registry on PATH (Debian: apt-get install it)"


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Run it; yield its address."""
    address = f"127.0.0.1:{free_port()}"
    (folder / "passwords").write_text(PASSWORDS)
    configuration = folder / "registry.yml"
    configuration.write_text(CONFIGURATION.format(address=address, passwords=folder / "passwords"))
    with (folder / "registry.log").open("wb") as log:
        registry = subprocess.Popen(["docker-registry", "serve", str(configuration)], stdout=log, stderr=log)
    try:
        wait_until(lambda: _answers(address), f"the registry answers: see {folder}/registry.log", 20)
        yield address
    finally:
        registry.terminate()
        registry.wait(10)


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"http://{address}/v2/", timeout=5).status_code in (200, 401)
    except httpx.TransportError:
        return False
