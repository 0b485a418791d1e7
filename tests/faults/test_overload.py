"""More than the API can take, and clients that mean no good: it says so, goes on, and is well again after."""

import itertools
import resource
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import httpx
import pytest

from tests.factories import wait_until
from tests.integration.lab import ApiProcess, Lab
from tests.proxy import Proxy

IDLE_CONNECTIONS = 10_000


def connect(api: ApiProcess) -> socket.socket:
    return socket.create_connection(("127.0.0.1", urlsplit(api.url).port), timeout=30)


def test_at_its_memory_ceiling_the_api_says_so_and_takes_events_again_after(lab: Lab, proxy: Proxy) -> None:
    """SQS does not answer and ten times what fits is sent: what was taken is answered 202 in the end, the rest 503."""
    gate = proxy.hold("SendMessageBatch")
    api = lab.api(AWS_ENDPOINT_URL_SQS=proxy.url, API_OUTBOX_BYTES=200_000, API_SEND_SECONDS=60)
    numbers = itertools.count()
    with ThreadPoolExecutor(100) as threads:
        answers = [
            threads.submit(api.post, f"e{next(numbers)}", properties={"filler": "x" * 20_000}) for _ in range(100)
        ]
        wait_until(lambda: sum(answer.done() for answer in answers) >= 91, "the others are refused", 40)
        gate.open.set()
        taken = [n for n, answer in enumerate(answers) if answer.result().status_code == 202]
    statuses = Counter(answer.result().status_code for answer in answers)
    reasons = {answer.result().json()["reason"] for answer in answers if answer.result().status_code == 503}

    assert statuses.keys() == {202, 503}
    assert 1 <= statuses[202] <= 9
    assert reasons == {"outbox_full"}
    assert api.post("after").status_code == 202
    lab.worker()
    lab.wait_until_done()
    lab.assert_once("after", *(f"e{n}" for n in taken))


def test_ten_times_the_rate_of_a_source_is_answered_429_until_it_is_less(lab: Lab) -> None:
    api = lab.api(API_SOURCE_EVENTS_PER_SECOND=20)  # a burst of 200
    answers = [api.post(*(f"e{request}-{n}" for n in range(50))) for request in range(40)]
    refused = [answer for answer in answers if answer.status_code == 429]

    assert {answer.status_code for answer in answers} == {202, 429}
    assert len(refused) > len(answers) / 2
    assert all(1 <= int(answer.headers["retry-after"]) <= 10 for answer in refused)
    wait_until(lambda: api.post("later").status_code == 202, "it takes events again", 20)


def test_headers_that_do_not_end_are_cut_short(lab: Lab) -> None:
    api = lab.api()
    with connect(api) as greedy:
        greedy.sendall(b"POST /v1/events HTTP/1.1\r\nHost: x\r\nX-Long: ")
        with pytest.raises(ConnectionError):  # noqa: PT012  # it may take some chunks until the cut arrives
            for _ in range(10_000):
                greedy.sendall(b"x" * 4096)
    with connect(api) as greedy:
        greedy.sendall(b"POST /v1/events HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 40_000)

        assert greedy.recv(100).startswith(b"HTTP/1.1 431")
    assert api.post("a").status_code == 202


def test_a_head_that_does_not_arrive_is_not_waited_for(lab: Lab) -> None:
    """Slowloris: a byte of a header now and then, or none at all."""
    api = lab.api()
    with connect(api) as silent, connect(api) as slow, connect(api) as second:
        slow.sendall(b"POST /v1/events HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        second.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /healthz HTTP/1.1\r\nX-Slow: ")
        assert second.recv(10_000).startswith(b"HTTP/1.1 200")
        with dripping(slow):
            for connection in (silent, slow, second):
                assert is_closed(connection)
    assert api.post("a").status_code == 202


def test_ten_thousand_idle_connections_keep_nobody_out(lab: Lab) -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < IDLE_CONNECTIONS + 1000:
        pytest.skip(f"a process may open no more than {most} files here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    api = lab.api()
    with ExitStack() as idle:
        connections = [idle.enter_context(connect(api)) for _ in range(IDLE_CONNECTIONS)]

        assert api.post("a").status_code == 202
        assert httpx.get(f"{api.url}/healthz").is_success
        assert all(is_closed(connection) for connection in connections)


def is_closed(connection: socket.socket) -> bool:
    """Wait until the other side closes, reading what it still sends."""
    try:
        while connection.recv(10_000):
            pass
    except TimeoutError:
        return False
    except ConnectionError:
        pass
    return True


@contextmanager
def dripping(connection: socket.socket) -> Iterator[None]:
    """Send a byte every half second."""
    stop = threading.Event()

    def drip() -> None:
        while not stop.wait(0.5):
            try:
                connection.sendall(b"x")
            except OSError:
                return

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(5)
