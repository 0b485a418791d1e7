"""The whole of terraform/, applied once to a moto server. `make tf-apply-test` asks for it by --apply."""

from dataclasses import dataclass
from typing import Any

import boto3
import pytest

from tests.terraform import runner
from tests.terraform.runner import Terraform

NAME = "touchlake-test"
DOMAIN = "events.example.com"
WRITE_KEY = "a-write-key-of-the-test"
STATE = "touchlake-test-state"
QUICK = {
    "TOUCHLAKE_API_HOST": "127.0.0.1",
    "TOUCHLAKE_API_PORT": "0",
    "TOUCHLAKE_API_DRAIN_SECONDS": "0",
    "TOUCHLAKE_WORKER_METRICS_PORT": "0",
    "TOUCHLAKE_WORKER_POLL_SECONDS": "1",
    "TOUCHLAKE_WORKER_FLUSH_SECONDS": "3",
    "TOUCHLAKE_WORKER_VISIBILITY_SECONDS": "2",  # less than the window, so that the heartbeat has to renew
}


@dataclass(frozen=True)
class Deployment:
    """What terraform made on moto."""

    url: str
    terraform: Terraform
    outputs: dict[str, Any]

    def client(self, service: str, **credentials: str) -> Any:
        credentials = credentials or {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client(service, endpoint_url=self.url, region_name="us-east-1", **credentials)  # type: ignore[call-overload]

    def container(self, service: str) -> dict[str, Any]:
        """Return the container of a service's task definition."""
        arn = self.outputs["task_definitions"][service]
        definition = self.client("ecs").describe_task_definition(taskDefinition=arn)["taskDefinition"]
        (container,) = definition["containerDefinitions"]
        found: dict[str, Any] = container
        return found

    def environment(self, service: str) -> dict[str, str]:
        """Return a container's environment, secrets read."""
        container = self.container(service)
        secrets = self.client("secretsmanager")
        return {
            **{pair["name"]: pair["value"] for pair in container["environment"]},
            **{
                secret["name"]: secrets.get_secret_value(SecretId=secret["valueFrom"])["SecretString"]
                for secret in container.get("secrets", [])
            },
        }

    def policy(self, role: str, name: str) -> list[dict[str, Any]]:
        """Return the statements of a role's inline policy."""
        document = self.client("iam").get_role_policy(RoleName=f"{NAME}-{role}", PolicyName=name)["PolicyDocument"]
        statements: list[dict[str, Any]] = document["Statement"]
        return statements


@pytest.fixture(scope="session")
def deployment(moto: str, tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """Everything that examples/prod.tfvars asks for, its state in S3 as the README says."""
    terraform = Terraform(runner.copy(tmp_path_factory.mktemp("root") / "terraform"), runner.environment(moto))
    made = Deployment(moto, terraform, {})
    made.client("s3").create_bucket(Bucket=STATE)
    zone = made.client("route53").create_hosted_zone(Name="example.com", CallerReference="test")["HostedZone"]["Id"]
    variables = {
        "name": NAME,
        "region": "us-east-1",
        "domain_name": DOMAIN,
        "zone_id": zone.rpartition("/")[2],
        "write_keys": f'{{"{WRITE_KEY}"="ios"}}',
        "deletion_protection": "false",
        "aws_max_retries": "2",
    }
    given = ("-var-file=examples/prod.tfvars", *(f"-var={name}={value}" for name, value in variables.items()))
    terraform = Terraform(terraform.folder, terraform.environment, given)
    backend = {"bucket": STATE, "key": "test.tfstate", "region": "us-east-1"}
    terraform.run("init", *(f"-backend-config={name}={value}" for name, value in backend.items()))
    terraform.apply()
    return Deployment(moto, terraform, terraform.outputs())
