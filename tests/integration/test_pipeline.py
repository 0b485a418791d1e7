"""The main job, with real processes."""

import signal
import subprocess
import sys
import threading

import httpx
import orjson
import pytest

from ops import stack
from shared import keys
from tests.factories import make_event, make_line, wait_until
from tests.integration.lab import KEY, Lab, kill, log_lines, total
from tests.proxy import Proxy, do_but_answer, do_but_cut, fail_entry, refuse

SECRET = "a-secret-that-no-log-may-hold"
ONE_AT_A_TIME = {"WORKER_POLLERS": 1, "WORKER_HELD_BYTES": 1}
"""A worker that takes no message while it holds one."""


def test_an_event_posted_is_an_event_in_the_lake(lab: Lab) -> None:
    api = lab.api()
    for _ in range(2):
        lab.worker()
    answer = api.post_json(
        [make_event(messageId="a"), make_event(messageId="b", userId=7), make_event(messageId="c", userId="")]
    )
    lab.wait_until_done()

    assert (answer.status_code, answer.json()["accepted"]) == (202, 2)
    lab.assert_once("a", "b")
    assert {row["user_id"] for row in lab.rows()} == {"u1", "7"}
    (kept,) = lab.rows(keys.REJECTED)
    assert (kept["reason"], kept["source"], kept["event_id"]) == ("missing_user", "test", "c")
    assert orjson.loads(kept["raw"])["userId"] == ""


def test_sending_again_changes_no_object(lab: Lab) -> None:
    api, _ = lab.api(), lab.worker()
    event_ids = [f"e{n}" for n in range(300)]
    api.post(*event_ids)
    lab.wait_until_done()
    before = lab.read().etags
    api.post(*event_ids)
    lab.wait_until_done()

    assert lab.read().etags == before
    lab.assert_once(*event_ids)


def test_another_producers_event_is_taken_too(lab: Lab) -> None:
    lab.worker()
    lab.enqueue(orjson.dumps(make_event(messageId="foreign")).decode())
    lab.wait_until_done()

    lab.assert_once("foreign")


def test_two_workers_racing_for_one_object_lose_nothing(lab: Lab) -> None:
    """Forty messages for one user's day; short windows, so that both write it again and again."""
    for _ in range(2):
        lab.worker(WORKER_FLUSH_SECONDS=0.05)
    event_ids = [f"e{n}" for n in range(40)]
    threads = [threading.Thread(target=lab.enqueue_lines, args=(make_line(messageId=name),)) for name in event_ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lab.wait_until_done()

    lab.assert_once(*event_ids)


def test_a_worker_that_loses_a_write_merges_into_the_winners_object(lab: Lab, proxy: Proxy) -> None:
    """412: the rival's write lands between the loser's read and its write."""
    gate = proxy.hold("PUT object")
    loser = lab.worker(AWS_ENDPOINT_URL_S3=proxy.url, **ONE_AT_A_TIME)
    lab.enqueue_lines(make_line(messageId="loser"))
    assert gate.reached.wait(20)
    lab.worker()
    lab.enqueue_lines(make_line(messageId="winner"))
    wait_until(lambda: lab.read().rows == 1, "the winner's object is there")
    gate.open.set()
    lab.wait_until_done()

    assert total(loser, "touchlake_worker_write_conflicts_total") == 1
    lab.assert_once("loser", "winner")


@pytest.mark.parametrize(
    "action",
    [refuse(409), refuse(503), refuse(500), do_but_answer(500), do_but_cut],
    ids=["409", "503", "500", "done-500", "cut"],
)
def test_a_write_that_fails_or_seems_to_is_made_good(lab: Lab, proxy: Proxy, action: object) -> None:
    proxy.add("PUT object", action, times=2)  # type: ignore[arg-type]
    lab.worker(AWS_ENDPOINT_URL_S3=proxy.url)
    lab.enqueue_lines(make_line(messageId="a"), make_line(messageId="b"))
    lab.wait_until_done()

    lab.assert_once("a", "b")


def test_a_worker_killed_before_it_writes_loses_nothing(lab: Lab, proxy: Proxy) -> None:
    gate = proxy.hold("PUT object")
    victim = lab.worker(AWS_ENDPOINT_URL_S3=proxy.url)
    lab.enqueue_lines(make_line(messageId="a"))
    assert gate.reached.wait(20)
    kill(victim)
    assert lab.read().rows == 0
    lab.worker()
    lab.wait_until_done()

    lab.assert_once("a")


def test_a_worker_killed_between_write_and_delete_repeats_nothing(lab: Lab, proxy: Proxy) -> None:
    gate = proxy.hold("DeleteMessageBatch")
    victim = lab.worker(AWS_ENDPOINT_URL_SQS=proxy.url)
    lab.enqueue_lines(make_line(messageId="a"))
    assert gate.reached.wait(20)
    kill(victim)
    before = lab.read().etags
    assert len(before) == 1
    heir = lab.worker()
    lab.wait_until_done()

    assert lab.read().etags == before
    assert total(heir, "touchlake_worker_rows_duplicate_total") == 1
    lab.assert_once("a")


def test_a_worker_told_to_stop_writes_its_open_window_and_exits_with_0(lab: Lab) -> None:
    worker = lab.worker(WORKER_FLUSH_SECONDS=3600)
    lab.enqueue_lines(make_line(messageId="a"))
    wait_until(lambda: total(worker, "touchlake_worker_messages_received_total") == 1, "the message is held")

    assert worker.stop() == 0
    assert lab.backlog == 0
    lab.assert_once("a")


def test_a_second_signal_ends_a_worker_at_once(lab: Lab, proxy: Proxy) -> None:
    gate = proxy.hold("PUT object")
    worker = lab.worker(AWS_ENDPOINT_URL_S3=proxy.url)
    lab.enqueue_lines(make_line(messageId="a"))
    assert gate.reached.wait(20)
    worker.popen.send_signal(signal.SIGTERM)
    wait_until(lambda: any(line["event"] == "draining" for line in log_lines(worker)), "it drains")
    worker.popen.send_signal(signal.SIGTERM)

    assert worker.popen.wait(10) == -signal.SIGTERM


def test_a_poison_message_goes_to_the_dead_letter_queue_beside_good_ones(lab: Lab) -> None:
    lab.worker()
    lab.enqueue("poison", "{}")
    lab.enqueue_lines(make_line(messageId="a"))
    wait_until(lambda: lab.dead == 2, "the poison is in the dead-letter queue", 60)
    lab.wait_until_done()

    lab.assert_once("a")


def test_a_message_held_past_its_visibility_timeout_is_not_given_to_another(lab: Lab, proxy: Proxy) -> None:
    gate = proxy.hold("PUT object")
    holder = lab.worker(AWS_ENDPOINT_URL_S3=proxy.url, AWS_ENDPOINT_URL_SQS=proxy.url)
    lab.enqueue_lines(make_line(messageId="a"))
    assert gate.reached.wait(20)
    other = lab.worker()
    wait_until(
        lambda: proxy.count("ChangeMessageVisibilityBatch") >= 4, "its visibility is extended past the timeout", 40
    )
    gate.open.set()
    lab.wait_until_done()

    assert total(other, "touchlake_worker_messages_received_total") == 0
    assert total(holder, "touchlake_worker_messages_deleted_total") == 1
    lab.assert_once("a")


def test_a_message_redelivered_because_the_heartbeat_failed_is_stored_once(lab: Lab, proxy: Proxy) -> None:
    gate = proxy.hold("PUT object")
    proxy.add("ChangeMessageVisibilityBatch", refuse(503), times=1000)
    slow = lab.worker(AWS_ENDPOINT_URL_S3=proxy.url, AWS_ENDPOINT_URL_SQS=proxy.url, **ONE_AT_A_TIME)
    lab.enqueue_lines(make_line(messageId="a"))
    assert gate.reached.wait(20)
    lab.worker()
    wait_until(lambda: lab.read().rows == 1, "the other worker stored it", 40)
    gate.open.set()
    wait_until(lambda: total(slow, "touchlake_worker_rows_duplicate_total") >= 1, "the slow one finds it stored")
    lab.wait_until_done()

    lab.assert_once("a")


def test_an_entry_that_sqs_did_not_take_is_sent_again_alone(lab: Lab, proxy: Proxy) -> None:
    proxy.add("SendMessageBatch", fail_entry(1))
    api, _ = lab.api(AWS_ENDPOINT_URL_SQS=proxy.url), lab.worker()
    event_ids = [f"e{n}" for n in range(30)]
    answer = api.post(*event_ids, properties={"filler": "x" * 20_000})
    lab.wait_until_done()

    assert (answer.status_code, answer.json()["accepted"]) == (202, 30)
    first, again = (call for call in proxy.calls if call.operation == "SendMessageBatch")
    assert len(orjson.loads(first.body)["Entries"]) > 1
    assert len(orjson.loads(again.body)["Entries"]) == 1
    lab.assert_once(*event_ids)


def test_a_send_whose_answer_is_lost_is_stored_once(lab: Lab, proxy: Proxy) -> None:
    proxy.add("SendMessageBatch", do_but_cut)
    api, _ = lab.api(AWS_ENDPOINT_URL_SQS=proxy.url), lab.worker()

    assert api.post("a").status_code == 202
    lab.wait_until_done()
    lab.assert_once("a")


def test_a_full_outbox_says_so_and_takes_events_again_after(lab: Lab, proxy: Proxy) -> None:
    gate = proxy.hold("SendMessageBatch")
    api = lab.api(AWS_ENDPOINT_URL_SQS=proxy.url, API_OUTBOX_BYTES=2000)
    waiting: list[httpx.Response] = []
    first = threading.Thread(target=lambda: waiting.append(api.post("a", properties={"x": "y" * 600})))
    first.start()
    assert gate.reached.wait(20)
    full = api.post("b", properties={"x": "y" * 600})
    gate.open.set()
    first.join(20)

    assert (full.status_code, full.json()["reason"], full.headers["retry-after"]) == (503, "outbox_full", "1")
    assert waiting[0].status_code == 202
    assert api.post("b").status_code == 202
    lab.worker()
    lab.wait_until_done()
    lab.assert_once("a", "b")


def test_without_sqs_the_answer_is_503_and_readiness_says_why(lab: Lab, proxy: Proxy) -> None:
    proxy.add("SendMessageBatch", refuse(503), times=1000)
    proxy.add("GetQueueAttributes", refuse(503), times=1000)
    api = lab.api(AWS_ENDPOINT_URL_SQS=proxy.url, API_SEND_SECONDS=0.5)
    answer = api.post("a")

    assert (answer.status_code, answer.json()["reason"]) == (503, "queue_unavailable")
    assert httpx.get(f"{api.url}/readyz").status_code == 503
    assert httpx.get(f"{api.url}/healthz").status_code == 200


def test_an_api_told_to_stop_answers_what_it_took_and_exits_with_0(lab: Lab, proxy: Proxy) -> None:
    gate = proxy.hold("SendMessageBatch")
    api = lab.api(AWS_ENDPOINT_URL_SQS=proxy.url)
    answers: list[httpx.Response] = []
    post = threading.Thread(target=lambda: answers.append(api.post("a")))
    post.start()
    assert gate.reached.wait(20)
    api.process.popen.send_signal(signal.SIGTERM)
    wait_until(lambda: any(line["event"] == "draining" for line in log_lines(api.process)), "it drains")
    gate.open.set()
    post.join(20)

    assert api.process.popen.wait(20) == 0
    assert answers[0].status_code == 202
    lab.worker()
    lab.wait_until_done()
    lab.assert_once("a")


def test_an_api_that_drains_is_not_ready_but_still_takes_events(lab: Lab) -> None:
    api = lab.api(API_DRAIN_SECONDS=3)
    api.process.popen.send_signal(signal.SIGTERM)
    wait_until(lambda: httpx.get(f"{api.url}/readyz").status_code == 503, "it is not ready")

    assert api.post("a").status_code == 202
    assert api.process.popen.wait(20) == 0


def test_an_api_killed_before_sqs_has_the_events_has_answered_nothing(lab: Lab, proxy: Proxy) -> None:
    gate = proxy.hold("SendMessageBatch")
    api = lab.api(AWS_ENDPOINT_URL_SQS=proxy.url)
    errors: list[Exception] = []

    def post() -> None:
        try:
            api.post("a")
        except httpx.TransportError as error:
            errors.append(error)

    client = threading.Thread(target=post)
    client.start()
    assert gate.reached.wait(20)
    kill(api.process)
    client.join(20)

    assert len(errors) == 1


def test_logs_are_json_lines_and_hold_no_payload_and_no_key(lab: Lab) -> None:
    api, worker = lab.api(LOG_LEVEL="DEBUG"), lab.worker(LOG_LEVEL="DEBUG")
    api.post_json([make_event(userId=SECRET, properties={SECRET: SECRET}), make_event(userId="", event=SECRET)])
    api.post_json(SECRET)
    httpx.post(f"{api.url}/v1/events", json={}, headers={"Authorization": f"Bearer {SECRET}"})
    lab.enqueue(SECRET, orjson.dumps({"userId": "", "event": SECRET}).decode())
    wait_until(lambda: total(worker, "touchlake_worker_messages_undecodable_total") >= 2, "poison is noticed")
    wait_until(lambda: lab.read().rows == 1, "the event is stored")
    for process in (api.process, worker):
        assert process.stop() == 0
        assert {line["service"] for line in log_lines(process)} == {process.name.partition("-")[0]}
        assert SECRET not in process.log.read_text()
        assert KEY not in process.log.read_text()


@pytest.mark.parametrize("module", ["api", "worker"])
def test_a_missing_setting_stops_the_start_with_one_line(lab: Lab, module: str) -> None:
    environment = stack.environment_for(lab.made, {"TOUCHLAKE_WRITE_KEYS": "k:s"})
    del environment["TOUCHLAKE_QUEUE_URL"]
    ended = subprocess.run(
        [sys.executable, "-m", module], env=environment, capture_output=True, timeout=30, check=False
    )

    assert ended.returncode == 2
    assert ended.stderr.decode() == f"touchlake {module}: TOUCHLAKE_QUEUE_URL is missing: the URL of the SQS queue\n"
