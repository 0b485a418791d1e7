"""One host with HTTPS for all tests here: its certificate is asked for once, and renewed while they run."""

from collections.abc import Iterator

import pytest

from tests import proxy as proxies
from tests.tls import caddy
from tests.tls.host import Api, Host


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tls" in item.path.parts:
            item.add_marker(pytest.mark.tls)


@pytest.fixture(scope="session")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    folder = tmp_path_factory.mktemp("tls")
    with proxies.running("http://127.0.0.1:9") as sqs:
        api = Api(sqs, folder)
        try:
            with caddy.site(api.address, folder) as site:
                yield Host(site, api)
        finally:
            api.stop()
