"""LocalStack, and what a test makes on it."""

import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops import local
from tests import proxy as proxies
from tests.integration.lab import Lab
from tests.proxy import Proxy

CLIENTS = Path(__file__).parents[1] / "clients"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "integration" in item.path.parts:
            item.add_marker(pytest.mark.localstack)


@pytest.fixture(scope="session")
def localstack() -> str:
    url = local.environment()["AWS_ENDPOINT_URL"]
    try:
        urllib.request.urlopen(f"{url}/_localstack/health", timeout=10).close()
    except OSError as error:
        pytest.fail(f"LocalStack does not answer on {url} ({error}): use `make test`, or `make localstack` first")
    return url


@pytest.fixture
def lab(localstack: str, tmp_path: Path) -> Iterator[Lab]:
    made = Lab(tmp_path)
    yield made
    made.close()


@pytest.fixture
def proxy(localstack: str) -> Iterator[Proxy]:
    with proxies.running(localstack) as running:
        yield running


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """The Node SDKs, installed as package-lock.json says."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not on this machine: the Node SDKs are not tested")
    modules = CLIENTS / "node_modules"
    lock, installed = CLIENTS / "package-lock.json", modules / "installed.lock"
    if not installed.exists() or installed.read_bytes() != lock.read_bytes():
        subprocess.run(
            [npm, "install", "--no-save", "--ignore-scripts", "--silent", "--no-audit", "--no-fund"],
            cwd=CLIENTS,
            check=True,
            timeout=300,
        )
        shutil.copy(lock, installed)
    return modules
