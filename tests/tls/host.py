"""One host as docker-compose.tls.yml makes it: Caddy before an API process, which sends to an SQS that only listens."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

from ops import stack
from ops.local import Provision
from ops.stack import Process
from shared import packing
from tests.proxy import Answer, Call, Forward, Proxy
from tests.tls.caddy import Site

KEY = "test-key"
ALWAYS = 1_000_000


class Api:
    """The API process, which may be stopped and started again on its port."""

    def __init__(self, sqs: Proxy, folder: Path) -> None:
        sqs.add("SendMessageBatch", _confirm, ALWAYS)
        self._sqs = sqs
        self._folder = folder
        self._process = self._start(port="0")
        self.url = self._process.announced("listening", "url")

    @property
    def address(self) -> str:
        return urlsplit(self.url).netloc

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Every row that SQS has confirmed."""
        batches = [orjson.loads(call.body) for call in self._sqs.calls if call.operation == "SendMessageBatch"]
        bodies = [entry["MessageBody"] for batch in batches for entry in batch["Entries"]]
        return [orjson.loads(line) for body in bodies for line in packing.unpack(body)]

    def start(self) -> None:
        self._process = self._start(port=self.address.rpartition(":")[2])
        self._process.announced("listening", "url")

    def stop(self) -> None:
        stack.stop_if_running(self._process)

    def _start(self, port: str) -> Process:
        settings = {
            "AWS_ENDPOINT_URL": self._sqs.url,
            "TOUCHLAKE_WRITE_KEYS": f"{KEY}:test",
            "TOUCHLAKE_API_PORT": port,
            "TOUCHLAKE_API_TRUSTED_PROXIES": "1",  # as docker-compose.tls.yml has it
            "TOUCHLAKE_CLIENT_ADDRESS": "full",
        }
        made = Provision(f"{self._sqs.url}/000000000000/events", "", "lake")
        return stack.start("api", "api", stack.environment_for(made, settings), self._folder)


class Host:
    """The site and the API behind it."""

    def __init__(self, site: Site, api: Api) -> None:
        self.site = site
        self.api = api

    def stored(self, event_id: str) -> dict[str, Any]:
        """Return the one row of an event."""
        (row,) = [row for row in self.api.rows if row["event_id"] == event_id]
        return row


def _confirm(call: Call, _forward: Forward) -> Answer:
    entries = orjson.loads(call.body)["Entries"]
    document = {"Successful": [{"Id": entry["Id"], "MessageId": entry["Id"]} for entry in entries]}
    return Answer(200, [("Content-Type", "application/x-amz-json-1.0")], orjson.dumps(document))
