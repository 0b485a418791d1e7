"""The two services on ECS, and the task that a schedule starts."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import WaiterError

from deploy import digests
from deploy.digests import Digests
from deploy.errors import DeployError

LOOK_SECONDS = 10
STABLE_SECONDS = 900


class Services:
    """`outputs` are terraform's; a service that they don't name does not exist."""

    def __init__(self, aws: Any, outputs: Mapping[str, Any]) -> None:
        self._ecs = aws.client("ecs")
        self._scaling = aws.client("application-autoscaling")
        self._cluster: str = outputs.get("cluster", "")
        self._names: dict[str, str] = outputs.get("services", {})
        self._scheduled: str = outputs.get("task_definitions", {}).get("ledger", "")

    def running(self) -> Digests | None:
        """Return the images that ECS runs, which need not be those that terraform asked for; and the scheduled one."""
        if not (self._cluster and self._names and self._scheduled):
            return None
        found = self._ecs.describe_services(cluster=self._cluster, services=list(self._names.values()))["services"]
        definitions = {each["serviceName"]: each["taskDefinition"] for each in found if each["status"] == "ACTIVE"}
        if set(self._names.values()) - definitions.keys():
            return None
        services = {kind: self._image(definitions[name]) for kind, name in self._names.items()}
        return digests.of_images({**services, "ops": self._image(self._scheduled)})

    def wait_until_stable(self, wanted: Digests) -> None:
        """Wait until as many tasks run as should; raise DeployError if ECS went back to other images meanwhile."""
        try:
            self._ecs.get_waiter("services_stable").wait(
                cluster=self._cluster,
                services=list(self._names.values()),
                WaiterConfig={"Delay": LOOK_SECONDS, "MaxAttempts": STABLE_SECONDS // LOOK_SECONDS},
            )
        except WaiterError as error:
            raise DeployError(f"the services did not become stable in {STABLE_SECONDS} s: {error}") from None
        if (running := self.running()) != wanted:
            raise DeployError(f"ECS's circuit breaker went back: wanted {wanted}; running {running}")

    def stop_api(self) -> None:
        """Stop all tasks of the API; scaling may start none."""
        name = self._names["api"]
        self._scaling.register_scalable_target(
            ServiceNamespace="ecs",
            ResourceId=f"service/{self._cluster}/{name}",
            ScalableDimension="ecs:service:DesiredCount",
            MinCapacity=0,
            MaxCapacity=0,
        )
        self._ecs.update_service(cluster=self._cluster, service=name, desiredCount=0)
        self._ecs.get_waiter("services_stable").wait(cluster=self._cluster, services=[name])

    def _image(self, definition: str) -> str:
        (container,) = self._ecs.describe_task_definition(taskDefinition=definition)["taskDefinition"][
            "containerDefinitions"
        ]
        return str(container["image"])
