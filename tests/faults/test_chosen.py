"""Faults at a chosen moment, each with its own promise."""

import signal
import socket
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from ops import ledger
from ops.stack import Process
from tests.factories import make_line, wait_until
from tests.integration.lab import VISIBILITY_SECONDS, ApiProcess, Lab, kill, log_lines, total
from tests.proxy import Gate, Proxy, refuse

ONE_AT_A_TIME = {"WORKER_POLLERS": 1, "WORKER_HELD_BYTES": 1}
OUTAGE_SECONDS = 3 * VISIBILITY_SECONDS
LIBFAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)


def test_a_worker_that_was_frozen_past_its_visibility_does_no_harm(lab: Lab, proxy: Proxy) -> None:
    """A zombie: it stops between its read and its write, another takes over, and then it goes on."""
    gate = proxy.hold("PUT object")
    zombie = lab.worker(AWS_ENDPOINT_URL_S3=proxy.url, **ONE_AT_A_TIME)
    lab.enqueue_lines(make_line(messageId="a"))
    assert gate.reached.wait(20)
    zombie.popen.send_signal(signal.SIGSTOP)
    lab.worker()
    lab.enqueue_lines(make_line(messageId="b"))
    wait_until(lambda: lab.read().rows == 2, "another worker stored both", 40)
    lab.wait_until_done()
    before = lab.read().etags
    gate.open.set()
    zombie.popen.send_signal(signal.SIGCONT)
    wait_until(
        lambda: total(zombie, "touchlake_worker_rows_duplicate_total") >= 1, "the zombie finds its row there", 40
    )

    assert lab.read().etags == before
    lab.assert_once("a", "b")


def test_a_message_is_not_deleted_while_one_of_its_objects_waits(lab: Lab, proxy: Proxy) -> None:
    """Each message touches two users; one user's object is written, the other's not, and then the worker is killed."""
    gate = Gate()
    proxy.add("PUT object", lambda call, do: gate.before(call, do) if "user=u2" in call.path else do(None), times=1000)
    victim = lab.worker(AWS_ENDPOINT_URL_S3=proxy.url, AWS_ENDPOINT_URL_SQS=proxy.url)
    pairs = [(f"one-{n}", f"two-{n}") for n in range(12)]
    for one, two in pairs:
        lab.enqueue_lines(make_line(messageId=one, userId="u1"), make_line(messageId=two, userId="u2"))
    wait_until(lambda: lab.read().rows == len(pairs), "the first user's object is whole", 40)
    wait_until(lambda: proxy.count("ChangeMessageVisibilityBatch") >= 2, "the messages are held", 40)
    assert proxy.count("DeleteMessageBatch") == 0
    kill(victim)
    lab.worker()
    lab.wait_until_done()

    lab.assert_once(*(name for pair in pairs for name in pair))


def test_without_sqs_for_a_while_nothing_acknowledged_is_lost_and_the_log_stays_short(lab: Lab, proxy: Proxy) -> None:
    api, worker = (
        lab.api(AWS_ENDPOINT_URL_SQS=proxy.url, API_SEND_SECONDS=1),
        lab.worker(AWS_ENDPOINT_URL_SQS=proxy.url),
    )
    assert api.post("before").status_code == 202
    proxy.go()
    deadline = time.monotonic() + OUTAGE_SECONDS
    answers: list[httpx.Response] = []
    while time.monotonic() < deadline:
        answers.append(api.post(f"during-{len(answers)}"))
    proxy.come()
    assert {answer.status_code for answer in answers} == {503}
    assert {answer.headers["retry-after"] for answer in answers} == {"5"}
    wait_until(lambda: httpx.get(f"{api.url}/readyz").is_success, "it is ready again")
    assert api.post("after").status_code == 202
    lab.wait_until_done()

    assert lab.dead == 0
    lab.assert_once("before", "after")
    assert count(api.process, "send_failed") == 1
    assert count(worker, "receive_failed") == 1


def test_without_s3_for_a_while_messages_stay_out_of_the_dead_letter_queue(lab: Lab, proxy: Proxy) -> None:
    """The outage is longer than MAX_RECEIVES visibility timeouts: a worker that let go would lose them to the DLQ."""
    proxy.add("GET object", refuse(503), times=10**6)
    worker = lab.worker(AWS_ENDPOINT_URL_S3=proxy.url, WORKER_HELD_BYTES=20_000)
    event_ids = [f"e{n}" for n in range(40)]
    for event_id in event_ids:
        lab.enqueue_lines(make_line(messageId=event_id, userId=event_id, properties={"x": "y" * 2000}))
    wait_until(lambda: total(worker, "touchlake_worker_held_bytes") >= 20_000, "it holds what it may")
    away_until = time.monotonic() + 4 * VISIBILITY_SECONDS
    most = 0.0
    while time.monotonic() < away_until:
        most = max(most, total(worker, "touchlake_worker_held_bytes"))
        time.sleep(0.2)
    proxy.rules.clear()
    lab.wait_until_done(60)

    assert lab.dead == 0
    assert most < 20_000 + 2 * 10 * 4_000  # the ceiling, and what two pollers may bring on top of it
    lab.assert_once(*event_ids)
    assert count(worker, "window_held_back") == 1


def test_a_queue_that_was_emptied_is_told_by_the_ledger(lab: Lab, proxy: Proxy) -> None:
    """What was acknowledged and is in neither queue nor lake is named; what comes after is not touched by it."""
    api = lab.api(AWS_ENDPOINT_URL_SQS=proxy.url, LEDGER_SECONDS=0.2)
    assert api.post("lost-1", "lost-2").status_code == 202
    proxy.go()
    lab.sqs.purge_queue(QueueUrl=lab.made.queue_url)
    proxy.come()
    assert api.post("kept").status_code == 202
    lab.worker()
    lab.wait_until_done()
    assert api.process.stop() == 0
    lines = ledger.read(lab.lake, lab.queue, "2026-11-22", timedelta(0)).lines

    assert [(line.accepted, line.stored, line.missing) for line in lines] == [(3, 1, 2)]


def test_a_full_disk_for_logs_stops_nobody(lab: Lab) -> None:
    port = free_port()
    with Path("/dev/full").open("wb") as full:
        for module in ("api", "worker"):
            popen = subprocess.Popen(
                [sys.executable, "-m", module], env=lab.environment(API_PORT=port), stdout=full, stderr=full
            )
            lab.processes.append(Process(module, popen, Path("/dev/full")))
    api = ApiProcess(lab.processes[0], f"http://127.0.0.1:{port}")
    wait_until(lambda: is_up(api.url), "the API answers", 30)
    assert api.post("a").status_code == 202
    lab.wait_until_done()

    lab.assert_once("a")
    assert [process.popen.poll() for process in lab.processes] == [None, None]


@pytest.mark.skipif(LIBFAKETIME is None, reason="libfaketime is not on this machine: no clock is set forward")
def test_clocks_that_are_set_forward_lose_and_repeat_nothing(lab: Lab, tmp_path: Path) -> None:
    """Two days ahead, in the middle of the work: windows and time-outs run on, and events stay in their day."""
    clock = tmp_path / "clock"
    clock.write_text("+0")
    faked = {
        "LD_PRELOAD": LIBFAKETIME,
        "FAKETIME_TIMESTAMP_FILE": clock,
        "FAKETIME_NO_CACHE": 1,
        "DONT_FAKE_MONOTONIC": 1,  # a clock that is set leaves the monotonic one alone
    }
    api, _ = lab.api(**faked), lab.worker(**faked)
    assert api.post("a", "b").status_code == 202
    lab.wait_until_done()
    clock.write_text("+2d")
    assert api.post("b", "c").status_code == 202
    lab.wait_until_done()

    lab.assert_once("a", "b", "c")
    received = {row["event_id"]: datetime.fromisoformat(row["received_at"]) for row in lab.rows()}
    assert received["c"] - received["b"] > timedelta(days=1)
    assert {row["timestamp"][:10] for row in lab.rows()} == {"2026-11-22"}


def count(process: Process, event: str) -> int:
    return sum(line["event"] == event for line in log_lines(process))


def is_up(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz").is_success
    except httpx.TransportError:
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
