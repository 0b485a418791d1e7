"""Least privilege: API, worker and the ledger's check run as the roles that terraform made, and use all they may do.

moto checks every call against the role's policies; a proxy in front of each process notes what it called. So a call
that the policies lack fails here, and so does a permission that nothing uses.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from botocore.exceptions import ClientError

from ops import stack
from shared import packing
from tests import proxy as proxies
from tests.factories import make_event, make_line, wait_until
from tests.proxy import Call, Proxy
from tests.terraform.conftest import NAME, QUICK, WRITE_KEY, Deployment

SHARED = Path(__file__).parents[2] / "shared"
ACTIONS = {
    "GetQueueAttributes": "sqs:GetQueueAttributes",
    "SendMessageBatch": "sqs:SendMessage",
    "ReceiveMessage": "sqs:ReceiveMessage",
    "DeleteMessageBatch": "sqs:DeleteMessage",
    "ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "GET object": "s3:GetObject",
    "PUT object": "s3:PutObject",
}
"""The action that each call needs. SQS knows none of its own for batches. A call that is not here fails the test."""
NEVER_CALLED = {"api": {"s3:ListBucket"}, "worker": {"s3:ListBucket"}, "ledger": set[str]()}
"""Without it S3 answers 403 and not 404 for a missing key: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html"""
PATIENCE_SECONDS = 30
MESSAGES = 2
"""What the API sends, and one with a row of an erased user."""


@dataclass(frozen=True)
class Run:
    """The calls of each process while one event and one refusal went through, and what the check of the ledger said."""

    calls: dict[str, list[Call]]
    answer: httpx.Response
    keys: list[str]
    logs: str
    ledger: str


@pytest.fixture(scope="module")
def run(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("processes")
    with (
        proxies.running(deployment.url) as api,
        proxies.running(deployment.url) as worker,
        proxies.running(deployment.url) as ledger,
        ExitStack() as running,
    ):
        api_environment = as_role(deployment, "api", api)
        worker_environment = as_role(deployment, "worker", worker)
        command = deployment.container("ledger")["command"]
        ledger_environment = as_role(deployment, "ledger", ledger)
        enqueue_a_row_of_an_erased_user(deployment)
        running.enter_context(iam_checked(deployment))
        writer = stack.start("worker", "worker", worker_environment | QUICK, folder)
        running.callback(stack.stop_if_running, writer)
        server = stack.start("api", "api", api_environment | QUICK, folder)
        running.callback(stack.stop_if_running, server)
        url = server.announced("listening", "url")
        assert httpx.get(f"{url}/readyz", timeout=10).status_code == 200
        answer = httpx.post(
            f"{url}/v1/events",
            json=[make_event(messageId="m-1", timestamp=datetime.now(UTC).isoformat()), {"messageId": "m-2"}],
            headers={"Authorization": f"Bearer {WRITE_KEY}"},
            timeout=30,
        )
        wait_until(lambda: deleted(worker) >= MESSAGES, "the worker has stored them", PATIENCE_SECONDS)
        server.stop()  # writes the last entry of the ledger
        said = check(command, ledger_environment)
    listed = deployment.client("s3").list_objects_v2(Bucket=deployment.outputs["lake_bucket"])
    return Run(
        {"api": list(api.calls), "worker": list(worker.calls), "ledger": list(ledger.calls)},
        answer,
        [entry["Key"] for entry in listed.get("Contents", [])],
        "".join(path.read_text() for path in folder.glob("*.log")),
        said,
    )


def check(command: list[str], environment: dict[str, str]) -> str:
    """Run what the schedule runs, for today as well; return what it said."""
    return subprocess.run(
        [sys.executable, "-m", "ops", *command, "--days-ago=0"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    ).stdout


def test_an_event_comes_through_with_the_roles_alone(run: Run) -> None:
    assert run.answer.status_code == 202
    assert {key.partition("/")[0] for key in run.keys} == {"events", "ledger", "rejected", "suppressed-users.txt"}
    assert "AccessDenied" not in run.logs
    assert '"level": "warning"' not in run.logs
    assert '"level": "error"' not in run.logs


def test_what_was_taken_and_refused_is_a_line_of_the_apis_log(run: Run) -> None:
    """terraform/alarms.tf makes metrics of it."""
    lines = (orjson.loads(line) for line in run.logs.splitlines() if '"events_counted"' in line)

    assert [(line["accepted"], line["rejected"]) for line in lines] == [(1, 1)]


def test_the_check_of_the_ledger_finds_with_its_role_what_was_stored(run: Run) -> None:
    assert '"event": "ledger_ok"' in run.ledger, run.ledger
    line = orjson.loads(run.ledger)
    assert (line["accepted"], line["stored"]) == (2, 2)


@pytest.mark.parametrize("service", ["api", "worker", "ledger"])
def test_a_role_may_do_what_its_process_does_and_nothing_else(deployment: Deployment, run: Run, service: str) -> None:
    called = {action_of(call) for call in run.calls[service]}
    allowed = {action for statement in deployment.policy(f"{service}-task", "task") for action in actions(statement)}

    assert allowed - NEVER_CALLED[service] == called


@pytest.mark.parametrize("service", ["api", "worker", "ledger"])
def test_a_role_reaches_no_further_than_its_process(deployment: Deployment, run: Run, service: str) -> None:
    """Every resource is named, and each one that is an S3 path was used."""
    touched = {
        f"arn:aws:s3:::{call.path.lstrip('/')}"
        for call in run.calls[service]
        if action_of(call) in ("s3:GetObject", "s3:PutObject")
    }
    statements = deployment.policy(f"{service}-task", "task")
    resources = {resource for statement in statements for resource in listed(statement["Resource"])}
    paths = {resource for resource in resources if resource.startswith("arn:aws:s3:::") and "/" in resource}

    assert "*" not in resources
    assert all(any(fnmatchcase(name, path) for name in touched) for path in paths)
    assert all(any(fnmatchcase(name, path) for path in paths) for name in touched)


def test_every_call_of_the_ports_is_known_here() -> None:
    """A new call in shared/ has to be exercised above before this passes again."""
    queue = (SHARED / "queue.py").read_text()
    store = (SHARED / "objectstore.py").read_text()
    sqs = {"".join(word.capitalize() for word in name.split("_")) for name in re.findall(r"_client\.(\w+)\(", queue)}

    assert sqs == {name for name in ACTIONS if " " not in name}
    listing = {"list", "list_with_delimiter"}  # the operator's alone
    assert set(re.findall(r"obstore\.([a-z_]+)\(", store)) == {"get", "put"} | listing


def test_only_the_ports_touch_aws() -> None:
    ports = {"shared/aws.py", "shared/queue.py", "shared/objectstore.py"}
    ports |= {"shared/redrive.py", "shared/versions.py"}  # the operator's alone
    root = SHARED.parent
    touching = {
        str(path.relative_to(root))
        for package in ("api", "worker", "shared")
        for path in (root / package).glob("**/*.py")
        if re.search(r"^\s*(import|from) (boto|obstore)", path.read_text(), re.MULTILINE)
    }

    assert touching == ports


@pytest.mark.parametrize(
    ("service", "client", "call", "arguments"),
    [
        ("api", "sqs", "receive_message", {"QueueUrl": "{queue_url}"}),
        ("api", "sqs", "send_message", {"QueueUrl": "{dead_letter_queue_url}", "MessageBody": "x"}),
        ("api", "s3", "put_object", {"Bucket": "{lake_bucket}", "Key": "events/x"}),
        ("worker", "sqs", "send_message", {"QueueUrl": "{queue_url}", "MessageBody": "x"}),
        ("worker", "sqs", "purge_queue", {"QueueUrl": "{queue_url}"}),
        ("worker", "sqs", "receive_message", {"QueueUrl": "{dead_letter_queue_url}"}),
        ("worker", "s3", "put_object", {"Bucket": "{lake_bucket}", "Key": "other/x"}),
        ("worker", "s3", "delete_object", {"Bucket": "{lake_bucket}", "Key": "events/x"}),
        ("ledger", "sqs", "receive_message", {"QueueUrl": "{queue_url}"}),
        ("ledger", "s3", "put_object", {"Bucket": "{lake_bucket}", "Key": "ledger/x"}),
        ("ledger", "s3", "get_object", {"Bucket": "{lake_bucket}", "Key": "audit/x"}),
        ("worker", "secretsmanager", "get_secret_value", {"SecretId": f"{NAME}/write-keys"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_role_is_refused_the_rest(
    deployment: Deployment, service: str, client: str, call: str, arguments: dict[str, str]
) -> None:
    credentials = role_credentials(deployment, service)
    named = {name: value.format(**deployment.outputs) for name, value in arguments.items()}
    caller = getattr(deployment.client(client, **credentials), call)
    with iam_checked(deployment), pytest.raises(ClientError, match="AccessDenied"):
        caller(**named)


def action_of(call: Call) -> str:
    return "s3:ListBucket" if "list-type=" in call.path else ACTIONS[call.operation]


def enqueue_a_row_of_an_erased_user(deployment: Deployment) -> None:
    """Have the worker drop a row: the list of erased users is there, and a message that was sent before."""
    key = deployment.environment("worker")["TOUCHLAKE_SUPPRESS_USERS_S3_KEY"]
    deployment.client("s3").put_object(Bucket=deployment.outputs["lake_bucket"], Key=key, Body=b"erased\n")
    body = packing.pack([make_line(messageId="gone", userId="erased")])
    deployment.client("sqs").send_message(QueueUrl=deployment.outputs["queue_url"], MessageBody=body)


def deleted(proxy: Proxy) -> int:
    """Return how many messages were deleted."""
    return sum(len(orjson.loads(call.body)["Entries"]) for call in proxy.done if call.operation == "DeleteMessageBatch")


def as_role(deployment: Deployment, service: str, proxy: Proxy) -> dict[str, str]:
    """Return a task's environment with its role's credentials, its calls going through the proxy."""
    keys = role_credentials(deployment, service)
    return {
        **{name.upper(): value for name, value in keys.items()},
        "PATH": "/usr/bin:/bin",
        **deployment.environment(service),
        "AWS_ENDPOINT_URL": proxy.url,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def role_credentials(deployment: Deployment, service: str) -> dict[str, str]:
    role = deployment.client("iam").get_role(RoleName=f"{NAME}-{service}-task")["Role"]["Arn"]
    keys = deployment.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    return {
        "aws_access_key_id": keys["AccessKeyId"],
        "aws_secret_access_key": keys["SecretAccessKey"],
        "aws_session_token": keys["SessionToken"],
    }


@contextmanager
def iam_checked(deployment: Deployment) -> Iterator[None]:
    """Have moto check signatures and policies of every call."""
    set_calls_without_check(deployment, "0")
    try:
        yield
    finally:
        set_calls_without_check(deployment, "inf")


def set_calls_without_check(deployment: Deployment, number: str) -> None:
    httpx.post(
        f"{deployment.url}/moto-api/reset-auth", content=number, headers={"Content-Type": "text/plain"}, timeout=10
    ).raise_for_status()


def actions(statement: dict[str, Any]) -> list[str]:
    return listed(statement["Action"])


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
