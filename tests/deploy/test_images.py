import base64
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from deploy.builder import Build
from deploy.digests import Digests
from deploy.images import Release, publish

HOST = "1.dkr.ecr.eu-central-1.amazonaws.com"
REPOSITORIES = {name: f"{HOST}/tl/{name}" for name in Digests._fields}
RELEASE = Release("c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00", "linux/arm64", "python@sha256:1")
TAG = "c0ffee00c0ff-arm64"


class NotFound(Exception):
    """ImageNotFoundException."""


@dataclass
class FakeEcr:
    """A registry that holds these images, by repository and tag."""

    images: dict[tuple[str, str], str] = field(default_factory=dict)
    exceptions: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(ImageNotFoundException=NotFound))

    def client(self, _name: str) -> "FakeEcr":
        return self

    def describe_images(self, repositoryName: str, imageIds: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803
        try:
            return {"imageDetails": [{"imageDigest": self.images[repositoryName, imageIds[0]["imageTag"]]}]}
        except KeyError:
            raise NotFound from None

    def get_authorization_token(self) -> dict[str, Any]:
        return {"authorizationData": [{"authorizationToken": base64.b64encode(b"AWS:a:token").decode()}]}


@dataclass
class FakeBuilder:
    """A builder whose images have their target in their digest."""

    logins: list[tuple[str, str, str]] = field(default_factory=list)
    builds: list[Build] = field(default_factory=list)

    def login(self, registry: str, user: str, password: str) -> None:
        self.logins.append((registry, user, password))

    def push(self, build: Build) -> str:
        self.builds.append(build)
        return f"sha256:pushed-{build.target}"


def test_images_that_the_registry_lacks_are_pushed_under_commit_and_processor() -> None:
    builder = FakeBuilder()

    assert publish(FakeEcr(), builder, REPOSITORIES, RELEASE) == Digests(
        *(f"sha256:pushed-{name}" for name in REPOSITORIES)
    )
    assert builder.logins == [(HOST, "AWS", "a:token")]
    assert [build.image for build in builder.builds] == [f"{url}:{TAG}" for url in REPOSITORIES.values()]
    assert builder.builds[0].options() == [
        "--platform=linux/arm64",
        "--target=api",
        f"--tag={HOST}/tl/api:{TAG}",
        f"--build-arg=REVISION={RELEASE.commit}",
        f"--build-arg=VERSION={TAG}",
        "--build-arg=PYTHON_IMAGE=python@sha256:1",
    ]


@pytest.mark.parametrize("there", [("api",), ("worker", "ops"), Digests._fields], ids="+".join)
def test_an_image_that_is_there_is_not_built_again(there: tuple[str, ...]) -> None:
    builder = FakeBuilder()
    ecr = FakeEcr({(f"tl/{name}", TAG): f"sha256:old-{name}" for name in there})
    found = publish(ecr, builder, REPOSITORIES, RELEASE)

    assert all(getattr(found, name) == f"sha256:old-{name}" for name in there)
    assert {build.target for build in builder.builds} == REPOSITORIES.keys() - set(there)
    assert len(builder.logins) == (len(there) < len(REPOSITORIES))
