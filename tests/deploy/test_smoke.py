from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import orjson
import pytest

from deploy import smoke
from deploy.errors import DeployError, NotReady
from shared import events, objects, strict_json
from shared.events import Reception
from tests.fakes import FakeStore

KEYS = '{"a-key-of-an-app-here": "ios", "a-key-for-smoke-tests": "smoke"}'


@contextmanager
def api(status: int, store: FakeStore | None = None) -> Iterator[str]:
    """An API that answers this, and stores at once what it takes."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            (event,) = orjson.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if store is not None:
                row = events.normalise(strict_json.sound(event), Reception(datetime.now(UTC), "smoke"))
                store.put(row.key, objects.encode([row]), objects.attributes(1), replaces=None)
            body = orjson.dumps({"accepted": 1, "rejected": []})
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_an_event_that_comes_to_the_lake_passes() -> None:
    store = FakeStore()
    with api(202, store) as url:
        assert smoke.test(url, "key", store, 10) < 10


def test_an_event_that_does_not_come_to_the_lake_fails() -> None:
    with api(202) as url, pytest.raises(DeployError, match=r"not in the lake after 0.2 s, as events/shard="):
        smoke.test(url, "key", FakeStore(), 0.2)


def test_an_api_that_refuses_fails() -> None:
    with api(403) as url, pytest.raises(DeployError, match="the API does not take an event: 403"):
        smoke.test(url, "key", FakeStore(), 10)


@pytest.mark.parametrize(
    ("given", "chosen"), [(KEYS, "a-key-for-smoke-tests"), ('{"a-key-of-an-app-here": "ios"}', "a-key-of-an-app-here")]
)
def test_the_smoke_test_has_a_key_of_its_own_where_there_is_one(given: str, chosen: str) -> None:
    assert smoke.write_key({"TF_VAR_write_keys": given}) == chosen


@pytest.mark.parametrize("given", ["", "{}", "[]", '{"key" = "ios"}'])
def test_keys_that_are_no_json_are_refused(given: str) -> None:
    with pytest.raises(NotReady, match="write keys as JSON"):
        smoke.write_key({"TF_VAR_write_keys": given})
