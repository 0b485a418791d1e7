"""From nothing to an event in the lake, again, back, and away."""

import signal
from typing import Any

import httpx
import pytest

from deploy.digests import Digests, of_images
from shared import keys
from tests.deploy.conftest import ACCOUNT, FIRST, NAME, SECOND, Deployed, end
from tests.factories import make_event
from tests.terraform.conftest import WRITE_KEY, Deployment
from tests.terraform.test_apply import tagged


def test_a_first_deployment_ends_with_an_event_in_the_lake(deployed: Deployed) -> None:
    titles = ["State", "Registry", "Plan", "Waiting until the services are stable", "Smoke test"]
    positions = [deployed.output.index(f"\n{title}") for title in titles]

    assert positions == sorted(positions)
    assert "✓ deployed; the event was in the lake after" in deployed.output
    assert any("/user=@deploy-" in key for key in lake_keys(deployed.made))
    assert running(deployed.made) == FIRST


def test_the_state_is_versioned_and_closed_to_the_public(deployed: Deployed) -> None:
    s3, bucket = deployed.made.client("s3"), f"{NAME}-state-{ACCOUNT}"
    closed = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]

    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert set(closed.values()) == {True}
    assert WRITE_KEY.encode() not in s3.get_object(Bucket=bucket, Key="terraform.tfstate")["Body"].read()


def test_a_second_deployment_changes_nothing_and_tests_again(deployed: Deployed) -> None:
    before = definitions(deployed.made)
    output = deployed.operator.deploy(FIRST).ends_with(0)

    assert "No changes." in output
    assert "Apply complete" not in output
    assert "✓ deployed" in output
    assert definitions(deployed.made) == before


def test_a_deployment_that_takes_no_event_goes_back_to_the_images_of_before(deployed: Deployed) -> None:
    output = deployed.operator.deploy(SECOND, write_key="another-key-than-the-api-has").ends_with(2)

    assert "the API does not take an event: 401" in output
    assert f"Went back to {FIRST}" in output
    assert running(deployed.made) == FIRST
    assert output.count("Apply complete") == 2


def test_a_deployment_that_nobody_confirms_changes_nothing(deployed: Deployed) -> None:
    output = deployed.operator.start("deploy", IMAGES=",".join(SECOND), CONFIRM="no").ends_with(2)

    assert "not confirmed" in output
    assert "Apply complete" not in output
    assert running(deployed.made) == FIRST


def test_destroy_wants_the_name(deployed: Deployed) -> None:
    output = deployed.operator.start("destroy", CONFIRM="yes").ends_with(2)

    assert f"not confirmed: '{NAME}' was to be typed" in output
    assert running(deployed.made) == FIRST


@pytest.mark.last
def test_destroy_empties_the_queue_and_leaves_nothing_but_the_lake_which_a_new_stack_finds(deployed: Deployed) -> None:
    deployed.worker.popen.send_signal(signal.SIGSTOP)
    post(deployed, "the-last-one")
    destroy = deployed.operator.start("destroy", CONFIRM=NAME, QUIET_SECONDS="1")
    try:
        destroy.says("Waiting until the workers have stored what is in the queue")
        assert desired(deployed.made, "api") == 0
        deployed.worker.popen.send_signal(signal.SIGCONT)
        destroy.ends_with(0)
    finally:
        deployed.worker.popen.send_signal(signal.SIGCONT)
        end(destroy)

    assert keys.events("the-last-one", None, "2026-11-22") in lake_keys(deployed.made)
    assert tagged(deployed.made, NAME) == {f"arn:aws:s3:::{NAME}-lake-{ACCOUNT}"}
    gateways = deployed.made.client("ec2").describe_nat_gateways()["NatGateways"]
    assert {gateway["State"] for gateway in gateways} == {"deleted"}
    buckets = {bucket["Name"] for bucket in deployed.made.client("s3").list_buckets()["Buckets"]}
    assert {name for name in buckets if name.startswith(NAME)} == {f"{NAME}-lake-{ACCOUNT}", f"{NAME}-state-{ACCOUNT}"}

    again = deployed.operator.deploy(FIRST)
    try:
        again.says("Smoke test")
    finally:
        end(again)
    assert keys.events("the-last-one", None, "2026-11-22") in lake_keys(deployed.made)
    assert deployed.made.terraform.outputs()["lake_bucket"] == f"{NAME}-lake-{ACCOUNT}"


def post(deployed: Deployed, user: str) -> None:
    answer = httpx.post(
        f"http://127.0.0.1:{deployed.operator.port}/v1/events",
        json=make_event(messageId=user, userId=user, timestamp="2026-11-22T09:00:00Z"),
        headers={"Authorization": f"Bearer {WRITE_KEY}"},
        timeout=30,
    )
    assert answer.status_code == 202


def running(made: Deployment) -> Digests:
    ecs = made.client("ecs")
    found = {name: ecs.describe_task_definition(taskDefinition=arn) for name, arn in definitions(made).items()}
    return of_images({name: each["taskDefinition"]["containerDefinitions"][0]["image"] for name, each in found.items()})


def definitions(made: Deployment) -> dict[str, str]:
    """Return the task definitions that the services and the schedule name, by image."""
    target = made.client("scheduler").get_schedule(Name=f"{NAME}-ledger")["Target"]
    services = {name: str(service(made, name)["taskDefinition"]) for name in ("api", "worker")}
    return {**services, "ops": str(target["EcsParameters"]["TaskDefinitionArn"])}


def desired(made: Deployment, name: str) -> int:
    return int(service(made, name)["desiredCount"])


def service(made: Deployment, name: str) -> dict[str, Any]:
    (found,) = made.client("ecs").describe_services(cluster=NAME, services=[f"{NAME}-{name}"])["services"]
    return dict(found)


def lake_keys(made: Deployment) -> set[str]:
    listed = made.client("s3").list_objects_v2(Bucket=f"{NAME}-lake-{ACCOUNT}")
    return {entry["Key"] for entry in listed.get("Contents", [])}
