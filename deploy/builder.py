"""docker or podman: builds a target of the Dockerfile and pushes it."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from deploy.errors import DeployError, NotReady
from deploy.terraform import ROOT


@dataclass(frozen=True)
class Build:
    """What to build, and for which processor (`linux/arm64`)."""

    target: str
    image: str
    platform: str
    arguments: Mapping[str, str]

    def options(self) -> list[str]:
        given = [f"--build-arg={name}={value}" for name, value in self.arguments.items()]
        return [f"--platform={self.platform}", f"--target={self.target}", f"--tag={self.image}", *given]


class Builder(Protocol):
    """Every method raises DeployError when the tool ends with another status than 0."""

    def login(self, registry: str, user: str, password: str) -> None: ...

    def push(self, build: Build) -> str:
        """Build and push; return the digest under which the registry has it."""


class Docker:
    """docker with buildx, which builds for other processors than this one."""

    def login(self, registry: str, user: str, password: str) -> None:
        _login("docker", registry, user, password)

    def push(self, build: Build) -> str:
        with tempfile.TemporaryDirectory() as folder:
            said = Path(folder, "said")
            # Without provenance the tag names an image and not an index: one entry in ECR for each, so that 30 are 30.
            _run("docker", "buildx", "build", "--push", "--provenance=false", f"--metadata-file={said}",
                 *build.options(), str(ROOT))  # fmt: skip
            return str(json.loads(said.read_text())["containerimage.digest"])


class Podman:
    """podman, which needs no daemon."""

    def login(self, registry: str, user: str, password: str) -> None:
        _login("podman", registry, user, password)

    def push(self, build: Build) -> str:
        with tempfile.TemporaryDirectory() as folder:
            said = Path(folder, "digest")
            _run("podman", "build", "--format=docker", *build.options(), str(ROOT))
            _run("podman", "push", f"--digestfile={said}", build.image)
            return said.read_text().strip()


def find() -> Builder:
    """Return docker where its daemon answers and buildx is there, else podman. Raises NotReady."""
    if shutil.which("docker") and _answers("docker", "info") and _answers("docker", "buildx", "version"):
        return Docker()
    if shutil.which("podman"):
        return Podman()
    raise NotReady("no docker with buildx and no podman: install one, or give IMAGES=sha256:…,sha256:…,sha256:…")


def _login(tool: str, registry: str, user: str, password: str) -> None:
    _run(tool, "login", "--username", user, "--password-stdin", registry, given=password)


def _run(*command: str, given: str | None = None) -> None:
    done = subprocess.run(command, cwd=ROOT, input=given, text=True, check=False)
    if done.returncode:
        raise DeployError(f"{' '.join(command[:2])} failed (status {done.returncode}): see above")


def _answers(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
