"""One host with HTTPS: its certificate is asked for once a module, and renewed while it runs."""

from collections.abc import Iterator

import pytest

from tests import proxy as proxies
from tests.tls import caddy
from tests.tls.host import Api, Host


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    folder = tmp_path_factory.mktemp("tls")
    with proxies.running("http://127.0.0.1:9") as sqs:
        api = Api(sqs, folder)
        try:
            with caddy.site(api.address, folder) as site:
                yield Host(site, api)
        finally:
            api.stop()
