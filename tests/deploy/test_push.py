"""Images built by podman and pushed to a registry that asks for a password, as ECR does."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from deploy.builder import Build, Podman
from deploy.errors import DeployError
from tests.deploy import registry
from tests.images import podman

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
ENGINE = """\
[containers]
volumes = {volumes}
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
"""


@pytest.fixture
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A running registry, and podman told by its own files what tests/images tells it by options."""
    if reason := podman.missing() or registry.missing():
        pytest.skip(f"nothing is pushed: {reason}")
    with registry.running(tmp_path) as address:
        trust = [option.removeprefix("--volume=") for option in podman._trust()]
        places = f'graphroot = "{podman.STORAGE}/root"\nrunroot = "{podman.STORAGE}/run"\n'
        files = {
            "CONTAINERS_CONF": ENGINE.format(volumes=trust),
            "CONTAINERS_STORAGE_CONF": f'[storage]\ndriver = "overlay"\n{places}',
            "CONTAINERS_REGISTRIES_CONF": f'[[registry]]\nlocation = "{address}"\ninsecure = true\n',
        }
        for name, text in files.items():
            (tmp_path / name).write_text(text)
            monkeypatch.setenv(name, str(tmp_path / name))
        monkeypatch.setenv("REGISTRY_AUTH_FILE", str(tmp_path / "auth.json"))
        monkeypatch.setenv("BUILDAH_ISOLATION", "chroot")
        yield address


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_an_image_is_pushed_and_the_registry_has_it_under_the_digest_that_is_returned(address: str) -> None:
    if (base := podman.base()) is None:
        pytest.skip("nothing is pushed: no registry answers, and no debootstrap is here to make a base image")
    build = Build("worker", f"{address}/touchlake-test/worker:c0ffee", "linux/amd64", {"PYTHON_IMAGE": base})
    with pytest.raises(DeployError, match="podman push failed"):
        Podman().push(build)
    Podman().login(address, registry.USER, registry.PASSWORD)
    digest = Podman().push(build)
    manifest = httpx.get(
        f"http://{address}/v2/touchlake-test/worker/manifests/c0ffee",
        auth=(registry.USER, registry.PASSWORD),
        headers={"Accept": MANIFEST},
        timeout=10,
    )

    assert manifest.status_code == 200
    assert manifest.headers["Docker-Content-Digest"] == digest


def test_a_wrong_password_stops_the_deployment(address: str) -> None:
    with pytest.raises(DeployError, match="podman login failed"):
        Podman().login(address, registry.USER, "another")
