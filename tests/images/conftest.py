"""The images, built once."""

from pathlib import Path

import pytest

from tests.images import podman

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.timeout(1200))  # the first build makes a base image and downloads packages


@pytest.fixture(scope="session")
def images() -> dict[str, str]:
    """Every target of the Dockerfile, with the name of its image."""
    if reason := podman.missing():
        pytest.skip(f"the images are not built: {reason}")
    base = podman.base()
    if base is None:
        pytest.skip("the images are not built: no registry answers, and no debootstrap is here to make a base image")
    return {target: podman.build(target, base) for target in ("api", "worker", "ops")}
