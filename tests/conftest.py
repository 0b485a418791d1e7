"""Settings for every test; LocalStack, and what a test makes on it."""

import os
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from ops import local
from shared import logs
from tests import proxy as proxies
from tests.integration.lab import Lab
from tests.proxy import Proxy

TESTS = Path(__file__).parent
ON_LOCALSTACK = {"integration", "faults"}
SLOW = {"bench", "docs", "images", "protocol", "tls"}

settings.register_profile("touchlake", deadline=None, max_examples=60)
settings.load_profile("touchlake")
logs.configure("test", "CRITICAL")


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test sees only the TOUCHLAKE_ and AWS_ variables that it sets."""
    for name in list(os.environ):
        if name.startswith(("TOUCHLAKE_", "AWS_")) and name != "AWS_CA_BUNDLE":
            monkeypatch.delenv(name)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if ON_LOCALSTACK.intersection(item.path.relative_to(TESTS).parts):
            item.add_marker(pytest.mark.localstack)
        if SLOW.intersection(item.path.relative_to(TESTS).parts):
            item.add_marker(pytest.mark.slow)


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
