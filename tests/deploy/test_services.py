from dataclasses import dataclass
from typing import Any

import pytest

from deploy.digests import Digests
from deploy.errors import DeployError
from deploy.services import Services

OLD = Digests("sha256:" + "a" * 64, "sha256:" + "b" * 64, "sha256:" + "e" * 64)
NEW = Digests("sha256:" + "c" * 64, "sha256:" + "d" * 64, "sha256:" + "f" * 64)


def outputs(scheduled: Digests) -> dict[str, Any]:
    """Return terraform's outputs; the scheduled task is what terraform made last."""
    services = {"api": "tl-api", "worker": "tl-worker"}
    return {"cluster": "tl", "services": services, "task_definitions": {"ledger": f"repository@{scheduled.ops}"}}


@dataclass
class FakeEcs:
    """ECS whose services are stable and run these images; a task definition is named by its image."""

    runs: Digests
    status: str = "ACTIVE"

    def client(self, _name: str) -> "FakeEcs":
        return self

    def describe_services(self, cluster: str, services: list[str]) -> dict[str, Any]:
        images = {"tl-api": self.runs.api, "tl-worker": self.runs.worker}
        return {
            "services": [
                {"serviceName": name, "status": self.status, "taskDefinition": f"repository@{images[name]}"}
                for name in services
            ]
        }

    def describe_task_definition(self, taskDefinition: str) -> dict[str, Any]:  # noqa: N803
        return {"taskDefinition": {"containerDefinitions": [{"image": taskDefinition}]}}

    def get_waiter(self, _name: str) -> "FakeEcs":
        return self

    def wait(self, **_given: object) -> None:
        pass


def test_what_runs_is_read_from_ecs() -> None:
    assert Services(FakeEcs(OLD), outputs(OLD)).running() == OLD


@pytest.mark.parametrize(
    ("made", "status"),
    [({}, "ACTIVE"), ({"cluster": "tl"}, "ACTIVE"), (outputs(OLD), "INACTIVE")],
    ids=["nothing applied", "half applied", "deleted"],
)
def test_nothing_runs_before_the_first_deployment(made: dict[str, Any], status: str) -> None:
    assert Services(FakeEcs(OLD, status), made).running() is None


def test_stable_services_with_other_images_are_a_failure() -> None:
    """ECS's circuit breaker went back by itself, which leaves the services stable."""
    Services(FakeEcs(NEW), outputs(NEW)).wait_until_stable(NEW)

    with pytest.raises(DeployError, match="circuit breaker went back"):
        Services(FakeEcs(OLD), outputs(NEW)).wait_until_stable(NEW)
