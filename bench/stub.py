"""SQS that answers from memory, or not at all, and a dead S3: so that a measurement is of our processes alone."""

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson

from bench import cores

Answer = Callable[[str, dict[str, Any]], dict[str, Any] | None]
"""Takes SQS's operation and its arguments; None leaves the caller without an answer until the stub ends."""
_numbers = itertools.count()


@contextmanager
def running(answer: Answer) -> Iterator[str]:
    """Run a stub on a free port of loopback; yield its URL. What is not SQS is answered 503."""
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1  # head and body leave in one piece

        def do_POST(self) -> None:
            operation = self.headers.get("X-Amz-Target", "").partition(".")[2]
            arguments = orjson.loads(self.rfile.read(int(self.headers["Content-Length"])))
            found = answer(operation, arguments)
            if found is None:
                ended.wait()
                self.close_connection = True
                return
            self._send(200, orjson.dumps(found))

        def do_GET(self) -> None:
            self._send(503, b"<Error><Code>SlowDown</Code></Error>")

        do_PUT = do_GET  # noqa: N815  # the name that http.server looks for

        def _send(self, status: int, body: bytes) -> None:
            self.send_response_only(status)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()

        def log_message(self, *_: object) -> None:
            pass

    server = _Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    with cores.pinned(cores.AROUND):
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        ended.set()
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    """Says nothing of the connections that a killed process leaves."""

    request_queue_size = 128

    def handle_error(self, *_: object) -> None:
        pass


def received(body: str) -> dict[str, Any]:
    """Return a message as ReceiveMessage shows it."""
    number = next(_numbers)
    attributes = {"ApproximateReceiveCount": "1", "SentTimestamp": "1790000000000"}
    return {"MessageId": f"m{number}", "ReceiptHandle": f"{number:0400}", "Body": body, "Attributes": attributes}


def confirm_all(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the answer to a batch of which every entry went well."""
    return {"Successful": [{"Id": entry["Id"]} for entry in arguments["Entries"]], "Failed": []}
