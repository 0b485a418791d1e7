"""The SDKs that apps use, from their registries, unchanged: what they send is in the lake once, field by field."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import proxy as proxies
from tests.integration.conftest import CLIENTS
from tests.integration.lab import KEY, Lab
from tests.proxy import Answer, Call, Forward, do_but_cut

COUNT = 200
SDKS = {
    "segment-python": [sys.executable, "segment_python.py"],
    "rudder-python": [sys.executable, "rudder_python.py"],
    "segment-node": ["node", "segment.mjs"],
    "rudder-node": ["node", "rudder.cjs"],
}


def send(name: str, url: str) -> None:
    command = [*SDKS[name], url, KEY, str(COUNT)]
    ended = subprocess.run(command, cwd=CLIENTS, capture_output=True, timeout=100, check=False)

    assert ended.returncode == 0, ended.stdout.decode() + ended.stderr.decode()


def assert_all_are_there_once(lab: Lab, name: str) -> None:
    lab.wait_until_done()
    rows = {row["event_id"]: row for row in lab.rows()}

    lab.assert_once(*(f"{name}-{n}" for n in range(COUNT)))
    for n in range(COUNT):
        row = rows[f"{name}-{n}"]
        assert {column: row[column] for column in ("type", "event", "user_id", "timestamp", "source")} == {
            "type": "track",
            "event": "touch_sent",
            "user_id": f"user-{n % 7}",
            "timestamp": f"2026-11-20T12:00:{n % 60:02}.000000Z",
            "source": "test",
        }
        assert row["properties"] == {"n": n, "note": "é😀"}
        assert row["context"]["locale"] == "de-DE"
        assert "library" in row["context"]
        assert row["sent_at"]
        assert KEY not in str(row)
    assert lab.rows("rejected/") == []


@pytest.mark.parametrize("name", SDKS)
def test_an_sdk_sends_unchanged(lab: Lab, node_modules: Path, name: str) -> None:
    api, _ = lab.api(), lab.worker()
    send(name, api.url)

    assert_all_are_there_once(lab, name)


@pytest.mark.parametrize("name", SDKS)
def test_an_sdk_that_has_to_try_again_adds_nothing(lab: Lab, node_modules: Path, name: str) -> None:
    """503 for a while, then the connection cut after the request was read and taken."""

    def not_now(_call: Call, _forward: Forward) -> Answer:
        return Answer(503, [("Retry-After", "1"), ("Content-Type", "application/problem+json")], b"{}")

    api, _ = lab.api(), lab.worker()
    with proxies.running(api.url) as proxy:
        proxy.add("POST object", not_now, times=2)
        proxy.add("POST object", do_but_cut, times=2)
        send(name, proxy.url)

        assert proxy.count("POST object") >= COUNT / 20 + 4 - 1
    assert_all_are_there_once(lab, name)


def test_a_key_that_is_not_known_is_reported_by_the_sdk_at_once(lab: Lab) -> None:
    api = lab.api()
    command: list[Any] = [*SDKS["rudder-python"], api.url, "nobody", "1"]
    ended = subprocess.run(command, cwd=CLIENTS, capture_output=True, timeout=30, check=False)

    assert b"unknown_write_key" in ended.stderr
    assert lab.backlog == 0
