"""A running container, as hardened as the compose files and ECS run it."""

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tests.images.podman import podman

HARDENED = (
    "--network=host",
    "--read-only",
    "--read-only-tmpfs=false",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    "--ulimit=nofile=4096:4096",  # podman's default asks for more than a host without CAP_SYS_RESOURCE may give
    "--ulimit=nproc=1000:1000",
)
Done = subprocess.CompletedProcess[str]


class Container:
    """One container, by its id."""

    def __init__(self, identity: str) -> None:
        self._identity = identity

    def execute(self, *command: str) -> Done:
        return podman("exec", self._identity, *command)

    def is_healthy(self) -> bool:
        """Run the image's own health check."""
        return podman("healthcheck", "run", self._identity).returncode == 0

    def log(self) -> str:
        done = podman("logs", self._identity)
        return done.stdout + done.stderr

    def stop(self) -> int:
        """Send SIGTERM; return the exit status."""
        podman("stop", "--time=30", self._identity)
        return int(podman("wait", self._identity).stdout)


@contextmanager
def running(image: str, settings: Mapping[str, object]) -> Iterator[Container]:
    """Start a container, and remove it at the end."""
    started = podman("run", "--detach", *HARDENED, *_environment(settings), image)
    assert started.returncode == 0, started.stderr
    container = Container(started.stdout.strip())
    try:
        yield container
    finally:
        podman("rm", "--force", "--time=5", started.stdout.strip())


def run(image: str, *command: str) -> Done:
    """Run an image to its end, with another command if given."""
    entrypoint = [f"--entrypoint={command[0]}"] if command else []
    return podman("run", "--rm", *HARDENED, *entrypoint, image, *command[1:])


def run_with(settings: Mapping[str, object], image: str, *arguments: str) -> Done:
    """Run an image's own command to its end."""
    return podman("run", "--rm", *HARDENED, *_environment(settings), image, *arguments)


def _environment(settings: Mapping[str, object]) -> list[str]:
    return [f"--env={name}={value}" for name, value in settings.items()]
