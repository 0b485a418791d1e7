"""An HTTP proxy before LocalStack that does to SQS and S3 calls what networks and services do."""

import http.client
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import orjson

DEADLINE_SECONDS = 60


class Call(NamedTuple):
    """One request; `operation` is SQS's own name (SendMessageBatch) or S3's method and kind (PUT object).

    `caller` is its access key id: LocalStack takes any, so each process may have one of its own.
    """

    operation: str
    path: str
    body: bytes
    caller: str = ""


class Answer(NamedTuple):
    """`cut_at` is after how many bytes of the body the connection ends; None for the whole of it."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    cut_at: int | None = None


Forward = Callable[[bytes | None], Answer]
Action = Callable[[Call, Forward], Answer | None]
"""Makes the answer to a call; `forward` asks the real service, with another body if given. None cuts the connection."""


@dataclass
class Rule:
    """Does something to the calls of one operation, at most so often."""

    operation: str
    action: Action
    times: int = 1


@dataclass
class Gate:
    """Holds calls back: `reached` tells that one is there, `open` lets them through."""

    reached: threading.Event = field(default_factory=threading.Event)
    open: threading.Event = field(default_factory=threading.Event)

    def before(self, _call: Call, forward: Forward) -> Answer | None:
        self.reached.set()
        return forward(None) if self.open.wait(DEADLINE_SECONDS) else None


def refuse(status: int) -> Action:
    """Answer with an error and do nothing."""
    return lambda _call, _forward: Answer(
        status, [("Content-Type", "application/xml")], b"<Error><Code>Fault</Code></Error>"
    )


def do_but_answer(status: int) -> Action:
    """Do it, and answer with an error all the same."""

    def act(call: Call, forward: Forward) -> Answer | None:
        forward(None)
        return refuse(status)(call, forward)

    return act


def do_but_cut(_call: Call, forward: Forward) -> None:
    """Do it, and cut the connection instead of an answer."""
    forward(None)


def cut(_call: Call, _forward: Forward) -> None:
    """Do nothing, and cut the connection."""


def do_but_answer_half(_call: Call, forward: Forward) -> Answer:
    """Do it, and cut the connection in the middle of the answer."""
    answer = forward(None)
    return answer._replace(cut_at=len(answer.body) // 2)


def slowly(seconds: float) -> Action:
    """Do it after a while."""

    def act(_call: Call, forward: Forward) -> Answer:
        time.sleep(seconds)
        return forward(None)

    return act


def fail_entry(position: int) -> Action:
    """Take every entry of a SendMessageBatch but one, and say so, as SQS may in a 200."""

    def act(call: Call, forward: Forward) -> Answer:
        request = orjson.loads(call.body)
        failed = request["Entries"].pop(position)
        answer = forward(orjson.dumps(request))
        document = orjson.loads(answer.body)
        fault = {"Id": failed["Id"], "Code": "InternalError", "Message": "try again", "SenderFault": False}
        document["Failed"] = [*document.get("Failed", []), fault]
        return answer._replace(body=orjson.dumps(document))

    return act


class Proxy:
    """Rules are tried in order, then `otherwise`; without that a call goes through."""

    def __init__(self, target: str) -> None:
        self._target = urlsplit(target).netloc
        self._lock = threading.Lock()
        self._server: ThreadingHTTPServer | None = None
        self._port = 0
        self.rules: list[Rule] = []
        self.otherwise: Action | None = None
        self.calls: list[Call] = []
        self.done: list[Call] = []
        """The calls that the real service has answered with 200."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def add(self, operation: str, action: Action, times: int = 1) -> None:
        with self._lock:
            self.rules.append(Rule(operation, action, times))

    def hold(self, operation: str) -> Gate:
        """Hold back every call of an operation, retries too, until the gate is opened."""
        gate = Gate()
        self.add(operation, gate.before, times=1000)
        return gate

    def count(self, operation: str) -> int:
        return sum(call.operation == operation for call in self.calls)

    def come(self) -> None:
        """Take connections, on the same port each time."""
        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), _handler(self))
        self._server.daemon_threads = True
        self._port = self._server.server_port
        serve = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        serve.start()

    def go(self) -> None:
        """Refuse connections, and answer nothing on those that are open."""
        server, self._server = self._server, None
        if server:
            server.shutdown()
            server.server_close()

    def handle(self, method: str, path: str, headers: list[tuple[str, str]], body: bytes) -> Answer | None:
        if self._server is None:
            return None
        call = _call(method, path, {name.lower(): value for name, value in headers}, body)
        with self._lock:
            self.calls.append(call)
            rule = next((rule for rule in self.rules if rule.operation == call.operation and rule.times > 0), None)
            if rule:
                rule.times -= 1

        def forward(instead: bytes | None) -> Answer:
            answer = self._forward(method, path, headers, body if instead is None else instead)
            if answer.status == HTTPStatus.OK:
                self.done.append(call if instead is None else call._replace(body=instead))
            return answer

        action = rule.action if rule else self.otherwise
        return action(call, forward) if action else forward(None)

    def _forward(self, method: str, path: str, headers: list[tuple[str, str]], body: bytes) -> Answer:
        connection = http.client.HTTPConnection(self._target, timeout=DEADLINE_SECONDS)
        try:
            kept = {name: value for name, value in headers if name.lower() not in ("content-length", "connection")}
            connection.request(method, path, body, {**kept, "Content-Length": str(len(body))})
            response = connection.getresponse()
            return Answer(response.status, response.getheaders(), response.read())
        finally:
            connection.close()


@contextmanager
def running(target: str) -> Iterator[Proxy]:
    """Run a proxy before a URL on a free port of loopback."""
    proxy = Proxy(target)
    proxy.come()
    try:
        yield proxy
    finally:
        proxy.go()


def _handler(proxy: Proxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except ConnectionError:  # the client is gone: killed, or out of patience
                self.close_connection = True

        def answer_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            answer = proxy.handle(self.command, self.path, list(self.headers.items()), body)
            if answer is None:
                self.close_connection = True
            else:
                self.send(answer)

        def send(self, answer: Answer) -> None:
            self.send_response_only(answer.status)
            for name, value in answer.headers:
                if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                    self.send_header(name, value)
            if self.command == "HEAD":
                self.end_headers()
                return
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body[: answer.cut_at])
            self.close_connection = self.close_connection or answer.cut_at is not None

        do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = answer_any

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def _call(method: str, path: str, headers: dict[str, str], body: bytes) -> Call:
    operation = headers.get("x-amz-target", "").partition(".")[2] or f"{method} object"
    signed_by = re.search(r"Credential=([^/]+)/", headers.get("authorization", ""))
    return Call(operation, unquote(path), body, signed_by[1] if signed_by else "")
