"""moto's server, with what AWS does and moto 5.2.5 does not. Prints its URL and serves until its standard input ends.

Each patch below names the AWS behaviour that it adds; all of it is bookkeeping. Nothing here runs a task, evaluates
an alarm or scales: a service is steady as soon as it is asked for.
"""

import json
import sys
from collections.abc import Callable
from typing import Any

from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse
from moto.athena.responses import AthenaResponse
from moto.ec2.models.security_groups import SecurityGroupRule
from moto.ecs.responses import EC2ContainerServiceResponse
from moto.iam.access_control import IAMPolicyStatement, PermissionResult
from moto.route53.models import FakeZone
from moto.server import ThreadedMotoServer
from moto.sqs.models import Queue

PLAIN_HTTP = {"Bool": {"aws:SecureTransport": "false"}}
SERVICE_FIELDS = {
    "availabilityZoneRebalancing": "availability_zone_rebalancing",
    "capacityProviderStrategy": "capacity_provider_strategy",
    "deploymentConfiguration": "deployment_configuration",
    "enableECSManagedTags": "enable_ecs_managed_tags",
    "healthCheckGracePeriodSeconds": "health_check_grace_period_seconds",
}


def main() -> None:
    patch_ecs()
    patch_sqs()
    patch_security_groups()
    patch_application_autoscaling()
    patch_athena()
    patch_iam()
    patch_route53()
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    print(f"http://{host}:{port}", flush=True)  # noqa: T201  # what the test waits for
    sys.stdin.read()
    server.stop()


def patch_ecs() -> None:
    """A service has the fields it was made with, no launch type next to capacity providers, and gets its tasks."""
    for name in ("create_service", "update_service"):
        setattr(EC2ContainerServiceResponse, name, _steady(getattr(EC2ContainerServiceResponse, name)))


def _steady(method: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def answer(self: Any) -> Any:
        result = method(self)
        service = result.result["service"]
        for field, attribute in SERVICE_FIELDS.items():
            value = self._get_param(field)
            if value is not None:
                setattr(service, attribute, value)
        if getattr(service, "capacity_provider_strategy", None):
            service.launch_type = None
        service.running_count, service.pending_count = service.desired_count, 0
        service.deployments[0].update(
            rolloutState="COMPLETED",
            taskDefinition=service.task_definition,
            desiredCount=service.desired_count,
            runningCount=service.desired_count,
            pendingCount=0,
            launchType=service.launch_type,
        )
        return result

    return answer


def patch_sqs() -> None:
    """A queue keeps its redrive allow policy, and its policy when another attribute is set; its JSON is compact."""
    set_attributes = Queue._set_attributes
    attributes = Queue.attributes.fget

    def keep(self: Any, changes: dict[str, Any], now: float | None = None) -> None:
        changes = {"Policy": self.policy, **changes} if hasattr(self, "_policy_json") and self.policy else changes
        set_attributes(self, changes, now)

    def answer(self: Any) -> dict[str, Any]:
        found: dict[str, Any] = attributes(self)
        if getattr(self, "redrive_allow_policy", None):
            found["RedriveAllowPolicy"] = self.redrive_allow_policy
        for name in ("RedrivePolicy", "Policy"):
            if found.get(name):
                found[name] = json.dumps(json.loads(found[name]), separators=(",", ":"))
        return found

    Queue._set_attributes = keep
    Queue.attributes = property(answer)


def patch_security_groups() -> None:
    """A rule that names a group has a description too."""
    SecurityGroupRule.description = property(
        lambda rule: rule.ip_range.get("Description") or (rule.source_group or {}).get("Description")
    )


def patch_application_autoscaling() -> None:
    """A scalable target has tags, and ListTagsForResource tells them."""
    tags: dict[str, dict[str, str]] = {}
    register = ApplicationAutoScalingResponse.register_scalable_target

    def register_scalable_target(self: Any) -> str:
        answer: str = register(self)
        tags.setdefault(json.loads(answer)["ScalableTargetARN"], {}).update(self._get_param("Tags") or {})
        return answer

    ApplicationAutoScalingResponse.register_scalable_target = register_scalable_target
    ApplicationAutoScalingResponse.list_tags_for_resource = lambda self: json.dumps(
        {"Tags": tags.get(self._get_param("ResourceARN"), {})}
    )


def patch_athena() -> None:
    """A named query can be deleted."""

    def delete_named_query(self: Any) -> str:
        self.athena_backend.named_queries.pop(self._get_param("NamedQueryId"), None)
        return "{}"

    AthenaResponse.delete_named_query = delete_named_query


def patch_iam() -> None:
    """SQS knows no actions of its own for batches: SendMessageBatch is allowed where SendMessage is.

    What is denied to plain HTTP is denied to nobody here: a client of this server stands for one that speaks TLS.
    """
    is_action_permitted = IAMPolicyStatement.is_action_permitted

    def check(self: Any, action: str, *rest: Any, **named: Any) -> Any:
        if self._statement.get("Condition") == PLAIN_HTTP:
            return PermissionResult.NEUTRAL
        alone = action.removesuffix("Batch") if action.startswith("sqs:") else action
        return is_action_permitted(self, alone, *rest, **named)

    IAMPolicyStatement.is_action_permitted = check


def patch_route53() -> None:
    """A record that was deleted can be made again, the same as before."""
    delete_rrset = FakeZone.delete_rrset

    def delete(self: Any, record: dict[str, Any]) -> None:
        delete_rrset(self, record)
        name = record["Name"].rstrip(".")
        self.rr_changes[:] = [it for it in self.rr_changes if it["ResourceRecordSet"]["Name"].rstrip(".") != name]

    FakeZone.delete_rrset = delete


if __name__ == "__main__":
    main()
