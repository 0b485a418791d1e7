"""The queue and the lake, made by terraform on LocalStack, with an event through the pipeline on top.

`make demo` and this test reach them alike: `ops.local.provision` has to find them as it would make them.
"""

import uuid
from pathlib import Path

import httpx
import orjson
import pytest
from localstack_client.session import Session

from ops import local, stack, verification
from ops.local import Provision
from tests.factories import make_event, wait_until
from tests.terraform import runner
from tests.terraform.runner import Terraform

pytestmark = [pytest.mark.localstack, pytest.mark.applies]
KEY = "test-key"


def test_an_event_comes_through_what_terraform_made(tmp_path: Path) -> None:
    endpoint = local.environment()["AWS_ENDPOINT_URL"].replace("localhost", "127.0.0.1")  # else buckets are host names
    name = f"t-{uuid.uuid4().hex[:8]}"
    terraform = Terraform(
        runner.copy(tmp_path / "terraform") / "local",
        runner.environment(endpoint),
        ("-var=flush_seconds=1", f"-var=name={name}"),
    )
    terraform.run("init")
    terraform.apply()
    made = terraform.outputs()
    plan = terraform.plan()
    try:
        assert plan.returncode == 0, plan.stdout
        assert redrive(made["queue_url"])["maxReceiveCount"] == 5
        found = local.provision(name)
        assert found == Provision(made["queue_url"], made["dead_letter_queue_url"], made["lake_bucket"])
        send_one(found, tmp_path / "logs")
    finally:
        terraform.run("state", "rm", "module.lake")
        terraform.destroy()


def send_one(made: Provision, logs: Path) -> None:
    settings = {"TOUCHLAKE_WRITE_KEYS": f"{KEY}:test", "TOUCHLAKE_WORKER_FLUSH_SECONDS": "1"}
    with stack.run(made, settings, logs, workers=1) as running:
        answer = httpx.post(
            f"{running.api_url}/v1/events",
            json=make_event(messageId="m-1"),
            headers={"Authorization": f"Bearer {KEY}"},
            timeout=30,
        )
        assert answer.status_code == 202
        wait_until(lambda: local.backlog(made.queue_url) == 0, "the queue is empty", 30)

    report = verification.verify(local.lake(made.bucket))
    assert report.problems == []
    assert dict(report.ids) == {"m-1": 1}


def redrive(queue_url: str) -> dict[str, object]:
    attributes = Session().client("sqs").get_queue_attributes(QueueUrl=queue_url, AttributeNames=["All"])["Attributes"]
    found: dict[str, object] = orjson.loads(attributes["RedrivePolicy"])
    return found
