"""Settings for every test; the emulators, and what a test makes on them."""

import os
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from ops import local, stack
from shared import logs
from tests import proxy as proxies
from tests.integration.lab import Lab
from tests.proxy import Proxy

TESTS = Path(__file__).parent
MOTO = TESTS.parent / ".terraform-tools/moto/bin/python"
APPLY_SECONDS = 600
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


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--apply", action="store_true", help="apply terraform/ to emulators, which takes minutes")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what needs LocalStack or takes long, ask before minutes are spent, and destroy last."""
    for item in items:
        if ON_LOCALSTACK.intersection(item.path.relative_to(TESTS).parts):
            item.add_marker(pytest.mark.localstack)
        if SLOW.intersection(item.path.relative_to(TESTS).parts):
            item.add_marker(pytest.mark.slow)
        if "moto" in getattr(item, "fixturenames", ()) or item.get_closest_marker("applies"):
            item.add_marker(pytest.mark.timeout(APPLY_SECONDS))
            if not config.getoption("--apply"):
                item.add_marker(
                    pytest.mark.skip(reason="takes minutes: make tf-check or make deploy-test, or pytest --apply")
                )
    items.sort(key=lambda item: item.get_closest_marker("last") is not None)


@pytest.fixture(scope="session")
def localstack() -> str:
    url = local.environment()["AWS_ENDPOINT_URL"]
    try:
        urllib.request.urlopen(f"{url}/_localstack/health", timeout=10).close()
    except OSError as error:
        pytest.fail(f"LocalStack does not answer on {url} ({error}): use `make test`, or `make localstack` first")
    return url


@pytest.fixture(scope="session")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A moto server of our own on a free port."""
    if not MOTO.exists():
        pytest.skip("moto is not installed: make tf-apply-test does that")
    folder = tmp_path_factory.mktemp("moto")
    with (folder / "url").open("wb") as out, (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [MOTO, TESTS / "terraform/moto_server.py"], stdin=subprocess.PIPE, stdout=out, stderr=log
        )
    try:
        yield stack.wait_for((folder / "url").read_text, 60, f"moto did not start: see {folder}/log").strip()
    finally:
        server.communicate(timeout=10)  # its standard input ends, and so does it


@pytest.fixture
def lab(localstack: str, tmp_path: Path) -> Iterator[Lab]:
    made = Lab(tmp_path)
    yield made
    made.close()


@pytest.fixture
def proxy(localstack: str) -> Iterator[Proxy]:
    with proxies.running(localstack) as running:
        yield running
