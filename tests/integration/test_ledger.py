"""The ledger, against a lake and a queue that somebody tampers with."""

import signal
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from localstack_client.session import Session

from shared import keys, ledger
from tests.factories import make_event, wait_until
from tests.integration.lab import ApiProcess, Lab, kill, ops

DAY = "2026-11-22"
HOUR = f"{DAY} 09 h, test"
FAST = {"LEDGER_SECONDS": 0.2}


def post(lab: Lab, api: ApiProcess, *event_ids: str) -> None:
    """Post events, and wait until the ledger has them."""
    before = entries(lab)
    assert api.post(*event_ids).status_code == 202
    wait_until(lambda: entries(lab) > before, "the ledger has an entry")


def entries(lab: Lab) -> int:
    listed: list[dict[str, Any]] = (
        Session().client("s3").list_objects_v2(Bucket=lab.made.bucket, Prefix=ledger.PREFIX).get("Contents", [])
    )
    return len(listed)


def totals(lab: Lab, status: int = 0) -> dict[str, Any]:
    line: dict[str, Any] = orjson.loads(ops(lab, "ledger", "--date", DAY, "--log", status=status))
    return line


def test_what_was_accepted_adds_up_with_what_is_stored(lab: Lab) -> None:
    api, _ = lab.api(**FAST), lab.worker()
    post(lab, api, "a", "b")
    post(lab, api, "b", "c")
    assert api.post_json([make_event(messageId="d"), make_event(event="")]).json()["accepted"] == 1
    assert api.process.stop() == 0  # writes the last entry
    lab.wait_until_done()
    line = totals(lab)

    assert line["event"] == "ledger_ok"
    assert {name: line[name] for name in ("accepted", "stored", "duplicate", "missing", "uncounted")} == {
        "accepted": 5,
        "stored": 4,
        "duplicate": 1,
        "missing": 0,
        "uncounted": 0,
    }
    assert "OK" in ops(lab, "ledger", "--date", DAY)


def test_an_object_deleted_by_hand_is_noticed(lab: Lab) -> None:
    api, _ = lab.api(**FAST), lab.worker()
    post(lab, api, "a", "b")
    lab.wait_until_done()
    Session().client("s3").delete_object(Bucket=lab.made.bucket, Key=keys.events("u1", None, DAY))

    assert f"{HOUR}: 2 accepted events are not stored" in ops(lab, "ledger", "--date", DAY, status=1)


def test_what_waits_in_the_queue_is_in_flight_and_a_purged_queue_is_noticed(lab: Lab) -> None:
    api = lab.api(**FAST)
    post(lab, api, "a")
    line = totals(lab)
    assert (line["in_flight"], line["missing"]) == (1, 0)
    lab.sqs.purge_queue(QueueUrl=lab.made.queue_url)
    line = totals(lab, status=1)

    assert (line["event"], line["in_flight"], line["missing"]) == ("ledger_mismatch", 0, 1)
    assert line["hours"] == [f"{DAY}T09 test"]


def test_several_days_are_told_by_their_distance_and_make_one_line(lab: Lab) -> None:
    api = lab.api(**FAST)
    today = datetime.now(UTC)
    for event_id, days in (("now", 0), ("then", 2)):
        sent = make_event(messageId=event_id, timestamp=(today - timedelta(days)).isoformat())
        assert api.post_json(sent).json()["accepted"] == 1
    assert api.process.stop() == 0  # writes the last entry
    lab.sqs.purge_queue(QueueUrl=lab.made.queue_url)
    line = orjson.loads(ops(lab, "ledger", "--days-ago", 0, "--days-ago", 2, "--log", status=1))
    dates = [(today - timedelta(days)).date().isoformat() for days in (0, 2)]

    assert (line["event"], line["dates"], line["accepted"], line["missing"]) == ("ledger_mismatch", dates, 2, 2)
    assert orjson.loads(ops(lab, "ledger", "--days-ago", 1, "--log"))["event"] == "ledger_ok"


def test_what_was_erased_on_purpose_is_not_missing(lab: Lab) -> None:
    """Rows that were stored, and one that was in the queue when its user was erased."""
    api = lab.api(**FAST)
    assert api.post("stays", userId="u2").status_code == 202
    post(lab, api, "a", "b")
    worker = lab.worker(SUPPRESS_USERS_S3_KEY="erased.txt", **FAST)
    lab.wait_until_done()
    assert worker.stop() == 0
    post(lab, api, "late")
    ops(lab, "user", "erase", "u1", "--yes", "--no-wait", TOUCHLAKE_SUPPRESS_USERS_S3_KEY="erased.txt")
    worker = lab.worker(SUPPRESS_USERS_S3_KEY="erased.txt", **FAST)
    lab.wait_until_done()
    assert worker.stop() == 0  # writes its last entry
    line = totals(lab)

    assert (line["event"], line["stored"], line["erased"], line["missing"]) == ("ledger_ok", 1, 3, 0)


def test_a_worker_that_deletes_without_writing_is_noticed(lab: Lab) -> None:
    api = lab.api(**FAST)
    post(lab, api, "a")
    received = lab.sqs.receive_message(QueueUrl=lab.made.queue_url, WaitTimeSeconds=5)["Messages"]
    for message in received:
        lab.sqs.delete_message(QueueUrl=lab.made.queue_url, ReceiptHandle=message["ReceiptHandle"])

    assert totals(lab, status=1)["missing"] == 1


def test_events_of_an_api_that_was_killed_are_stored_and_uncounted(lab: Lab) -> None:
    api, _ = lab.api(LEDGER_SECONDS=3600), lab.worker()
    assert api.post("a", "b").status_code == 202
    kill(api.process)
    lab.wait_until_done()
    line = totals(lab)

    assert (line["event"], line["stored"], line["uncounted"], line["missing"]) == ("ledger_ok", 2, 2, 0)


def test_an_api_that_is_told_to_stop_writes_its_last_entry(lab: Lab) -> None:
    api = lab.api(LEDGER_SECONDS=3600)
    assert api.post("a").status_code == 202
    api.process.popen.send_signal(signal.SIGTERM)

    assert api.process.popen.wait(20) == 0
    assert totals(lab)["in_flight"] == 1
