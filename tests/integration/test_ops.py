"""The operator's tool, as it is called."""

import gzip
from pathlib import Path

import orjson
import pytest
from localstack_client.session import Session

from ops import eventfile
from shared import keys
from tests.factories import make_event
from tests.integration.lab import KEY, Lab, ops
from tests.proxy import Proxy, refuse

CLICKSTREAM = Path(__file__).parents[3] / "shared/data/clickstream.csv.gz"


def test_a_file_is_sent_looked_at_and_verified(lab: Lab, tmp_path: Path) -> None:
    api, _ = lab.api(), lab.worker()
    path = tmp_path / "events.jsonl.gz"
    path.write_bytes(gzip.compress(b"\n".join(orjson.dumps(make_event(messageId=f"e{n}")) for n in range(5))))

    assert "│ 5 " in ops(lab, "send", path, "--url", api.url, "--write-key", KEY)
    lab.wait_until_done()
    key = keys.events("u1", None, "2026-11-22")
    assert key in ops(lab, "lake", "ls")
    assert ops(lab, "lake", "cat", key).count('"event_id"') == 5
    assert ops(lab, "lake", "cat", "--user", "u1", "--date", "2026-11-22") == ops(lab, "lake", "cat", key)
    assert "every row once" in ops(lab, "lake", "verify")


def test_a_lake_that_is_not_in_order_fails_verification(lab: Lab) -> None:
    Session().client("s3").put_object(Bucket=lab.made.bucket, Key="events/junk", Body=b"junk")

    assert "not one of ours" in ops(lab, "lake", "verify", status=1)


def test_sending_goes_on_when_the_api_says_not_now(lab: Lab, proxy: Proxy, tmp_path: Path) -> None:
    proxy.add("SendMessageBatch", refuse(503), times=3)
    api, _ = lab.api(AWS_ENDPOINT_URL_SQS=proxy.url, API_SEND_SECONDS=0.1), lab.worker()
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"\n".join(orjson.dumps(make_event(messageId=f"e{n}")) for n in range(20)))

    assert "│ 20 " in ops(lab, "send", path, "--url", api.url, "--write-key", KEY, "--batch", 5, "--rate", 1000)
    lab.wait_until_done()
    lab.assert_once(*(f"e{n}" for n in range(20)))


def test_what_the_api_refuses_is_shown(lab: Lab, tmp_path: Path) -> None:
    api = lab.api()
    path = tmp_path / "events.jsonl"
    path.write_bytes(orjson.dumps(make_event(event="")))

    assert "invalid_event" in ops(lab, "send", path, "--url", api.url, "--write-key", KEY, status=1)
    assert "unknown_write_key" in ops(lab, "send", path, "--url", api.url, "--write-key", "no", status=1)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["lake", "cat", "events/none"], "there is no events/none"),
        (["lake", "cat"], "give a key"),
        (["send", "/nowhere.csv"], "does not exist"),
    ],
)
def test_a_command_that_cannot_be_done_says_why(lab: Lab, words: list[str], text: str) -> None:
    status = 1 if "events/none" in words else 2

    assert text in ops(lab, *words, status=status)


def test_the_demo_holds_with_made_up_events(lab: Lab) -> None:
    assert "every accepted event is in the lake once" in ops(lab, "demo", "--users", 5, "--workers", 2)


@pytest.mark.skipif(not CLICKSTREAM.exists(), reason=f"the real clickstream is not there: {CLICKSTREAM}")
def test_a_real_clickstream_is_read_whole() -> None:
    events = list(eventfile.read(CLICKSTREAM))

    assert len({event["messageId"] for event in events}) == len(events) == 31_106
    assert len({(event["userId"], event["timestamp"][:10]) for event in events}) == 3_605
