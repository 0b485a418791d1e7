"""The images of this commit in the registry: pushed once, found from then on."""

import base64
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deploy.builder import Build, Builder
from deploy.digests import Digests
from deploy.errors import NotReady
from deploy.terraform import ROOT


@dataclass(frozen=True)
class Release:
    """What is built: a commit, for a processor (`linux/arm64`), on a base image (by digest, for a release)."""

    commit: str
    platform: str
    base: str | None = None

    @property
    def tag(self) -> str:
        """Return the images' tag. It never changes, so an image that has it is the one that would be built."""
        return f"{self.commit[:12]}-{self.platform.rpartition('/')[2]}"

    def arguments(self) -> dict[str, str]:
        """Return the Dockerfile's arguments."""
        return {"REVISION": self.commit, "VERSION": self.tag} | ({"PYTHON_IMAGE": self.base} if self.base else {})


def publish(aws: Any, builder: Builder, repositories: Mapping[str, str], release: Release) -> Digests:
    """Return the digests of all images, built and pushed where the registry lacks them."""
    ecr = aws.client("ecr")
    found = {name: _digest(ecr, url, release.tag) for name, url in repositories.items()}
    missing = [name for name, digest in found.items() if digest is None]
    if missing:
        _login(ecr, builder, repositories[missing[0]].partition("/")[0])
    for name in missing:
        image = f"{repositories[name]}:{release.tag}"
        found[name] = builder.push(Build(name, image, release.platform, release.arguments()))
    return Digests(**{name: str(digest) for name, digest in found.items()})


def commit() -> str:
    """Return the commit that is checked out. Raises NotReady when files differ from it: the images would, too."""
    if changed := _git("status", "--porcelain", "--untracked-files=no"):
        raise NotReady(f"commit first, an image is named by its commit; changed are:\n{changed}")
    return _git("rev-parse", "HEAD")


def _digest(ecr: Any, url: str, tag: str) -> str | None:
    repository = url.partition("/")[2]
    try:
        answer = ecr.describe_images(repositoryName=repository, imageIds=[{"imageTag": tag}])
    except ecr.exceptions.ImageNotFoundException:
        return None
    return str(answer["imageDetails"][0]["imageDigest"])


def _login(ecr: Any, builder: Builder, registry: str) -> None:
    (given,) = ecr.get_authorization_token()["authorizationData"]
    user, _, password = base64.b64decode(given["authorizationToken"]).decode().partition(":")
    builder.login(registry, user, password)


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotReady(f"git {arguments[0]}: {done.stderr.strip()}")
    return done.stdout.rstrip()
