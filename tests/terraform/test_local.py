"""The queue and the lake, made by terraform on LocalStack, and `make demo` run on them."""

import subprocess
import uuid
from pathlib import Path

import orjson
import pytest
from localstack_client.session import Session

from ops import local, verification
from ops.local import Provision
from tests.terraform import runner
from tests.terraform.runner import Terraform

pytestmark = [pytest.mark.localstack, pytest.mark.applies]
DEMO_SECONDS = 300


def test_the_demo_runs_on_what_terraform_made(tmp_path: Path) -> None:
    endpoint = local.environment()["AWS_ENDPOINT_URL"].replace("localhost", "127.0.0.1")  # else buckets are host names
    name = f"t-{uuid.uuid4().hex[:8]}"
    terraform = Terraform(
        runner.copy(tmp_path / "terraform") / "local", runner.environment(endpoint), (f"-var=name={name}",)
    )
    terraform.run("init")
    terraform.apply()
    made = terraform.outputs()
    plan = terraform.plan()
    try:
        assert plan.returncode == 0, plan.stdout
        assert redrive(made["queue_url"])["maxReceiveCount"] == 5
        found = Provision(made["queue_url"], made["dead_letter_queue_url"], made["lake_bucket"])
        assert local.provision(name) == found  # what the demo looks for: it finds all, and makes nothing
        demo = run_demo(name)
        assert demo.returncode == 0, demo.stdout + demo.stderr
        assert "every accepted event is in the lake once, and nothing else" in demo.stdout
        report = verification.verify(local.lake(made["lake_bucket"]))
        assert report.problems == []
        assert len(report.ids) > 0
    finally:
        terraform.run("state", "rm", "module.lake")
        terraform.destroy()


def run_demo(name: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["make", "--no-print-directory", "demo", f"NAME={name}"],
        cwd=runner.SOURCE.parent,
        capture_output=True,
        text=True,
        timeout=DEMO_SECONDS,
        check=False,
    )


def redrive(queue_url: str) -> dict[str, object]:
    attributes = Session().client("sqs").get_queue_attributes(QueueUrl=queue_url, AttributeNames=["All"])["Attributes"]
    found: dict[str, object] = orjson.loads(attributes["RedrivePolicy"])
    return found
