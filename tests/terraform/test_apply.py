"""What stands in AWS after `terraform apply`, read back by boto3 from a moto server."""

import math
import re
from typing import Any

import orjson
import pytest

from api.__main__ import ANSWER_SECONDS
from shared.settings import ApiSettings, LakeSettings, QueueSettings, WorkerSettings
from tests.terraform.conftest import DOMAIN, NAME, STATE, WRITE_KEY, Deployment
from tests.terraform.runner import CHANGES, SOURCE

ROOT = SOURCE.parent
DENY_PLAIN_HTTP = {"Bool": {"aws:SecureTransport": "false"}}


def test_a_second_plan_is_empty(deployment: Deployment) -> None:
    plan = deployment.terraform.plan()

    assert plan.returncode == 0, plan.stdout[-4000:] + plan.stderr


def test_the_state_holds_no_write_key(deployment: Deployment) -> None:
    state = deployment.client("s3").get_object(Bucket=STATE, Key="test.tfstate")["Body"].read()

    assert b"aws_secretsmanager_secret_version" in state
    assert WRITE_KEY.encode() not in state


def test_the_queue_gives_up_on_a_message_slowly_and_keeps_what_it_gave_up(deployment: Deployment) -> None:
    queue = attributes(deployment, "queue_url")
    dead = attributes(deployment, "dead_letter_queue_url")
    redrive = orjson.loads(queue["RedrivePolicy"])

    assert queue["VisibilityTimeout"] == deployment.environment("worker")["TOUCHLAKE_WORKER_VISIBILITY_SECONDS"]
    assert redrive == {"deadLetterTargetArn": dead["QueueArn"], "maxReceiveCount": 5}
    assert orjson.loads(dead["RedriveAllowPolicy"])["sourceQueueArns"] == [queue["QueueArn"]]
    assert int(dead["MessageRetentionPeriod"]) >= 2 * int(queue["MessageRetentionPeriod"])
    assert int(queue["MessageRetentionPeriod"]) > 10 * 5 * int(queue["VisibilityTimeout"])


@pytest.mark.parametrize("url", ["queue_url", "dead_letter_queue_url"])
def test_queues_are_encrypted_and_refuse_plain_http(deployment: Deployment, url: str) -> None:
    found = attributes(deployment, url)
    (statement,) = orjson.loads(found["Policy"])["Statement"]

    assert found["SqsManagedSseEnabled"] == "true"
    assert (statement["Effect"], statement["Condition"]) == ("Deny", DENY_PLAIN_HTTP)
    assert statement["Resource"] == found["QueueArn"]


def test_the_lake_is_private_versioned_encrypted_and_cleans_up(deployment: Deployment) -> None:
    s3, bucket = deployment.client("s3"), deployment.outputs["lake_bucket"]
    (statement,) = orjson.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]
    rules = {rule["ID"]: rule for rule in s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]}

    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
    assert s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert (statement["Effect"], statement["Condition"]) == ("Deny", DENY_PLAIN_HTTP)
    assert rules["old-versions"]["NoncurrentVersionExpiration"]["NoncurrentDays"] == 7
    assert rules["unfinished-uploads"]["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"] == 1


class CheckSettings(QueueSettings, LakeSettings):
    """What `python -m ops ledger` reads of its own, in ops/__main__.py."""


@pytest.mark.parametrize(
    ("service", "kind"), [("api", ApiSettings), ("worker", WorkerSettings), ("ledger", CheckSettings)]
)
def test_a_tasks_environment_is_what_its_process_reads(
    deployment: Deployment,
    monkeypatch: pytest.MonkeyPatch,
    service: str,
    kind: type[ApiSettings | WorkerSettings | CheckSettings],
) -> None:
    environment = deployment.environment(service)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    settings = kind()
    named = {name.removeprefix("TOUCHLAKE_").lower() for name in environment if name.startswith("TOUCHLAKE_")}

    assert named <= kind.model_fields.keys()
    assert settings.queue_url == deployment.outputs["queue_url"]
    assert settings.lake_bucket == deployment.outputs["lake_bucket"]


def test_the_write_keys_reach_the_api_by_the_secret_alone(deployment: Deployment) -> None:
    container = deployment.container("api")

    assert orjson.loads(deployment.environment("api")["TOUCHLAKE_WRITE_KEYS"]) == {WRITE_KEY: "ios"}
    assert [secret["name"] for secret in container["secrets"]] == ["TOUCHLAKE_WRITE_KEYS"]
    assert WRITE_KEY not in str(container)


@pytest.mark.parametrize("service", ["api", "worker", "ledger"])
def test_a_container_is_confined(deployment: Deployment, service: str) -> None:
    container = deployment.container(service)

    assert container["readonlyRootFilesystem"] is True
    assert container["user"] == "10001"
    assert container["linuxParameters"]["capabilities"] == {"drop": ["ALL"]}
    assert "@sha256:" in container["image"]


def test_a_worker_drains_before_it_is_killed(deployment: Deployment) -> None:
    """After its drain: one SQS call (poll + 5 s, worker/__main__.py) and one S3 call with retries (shared/aws.py)."""
    environment = deployment.environment("worker")
    drain = float(environment["TOUCHLAKE_WORKER_DRAIN_SECONDS"])
    poll = float(environment["TOUCHLAKE_WORKER_POLL_SECONDS"])

    assert drain + (poll + 5) + 20 <= deployment.container("worker")["stopTimeout"] == 120
    assert drain >= (poll + 5) + 30


def test_an_api_answers_what_is_open_before_it_is_killed(deployment: Deployment) -> None:
    environment = deployment.environment("api")
    send, drain = (float(environment[f"TOUCHLAKE_API_{name}_SECONDS"]) for name in ("SEND", "DRAIN"))
    elb = deployment.client("elbv2")
    (group,) = elb.describe_target_groups(Names=[f"{NAME}-api"])["TargetGroups"]
    found = elb.describe_target_group_attributes(TargetGroupArn=group["TargetGroupArn"])["Attributes"]
    delay = next(int(pair["Value"]) for pair in found if pair["Key"] == "deregistration_delay.timeout_seconds")

    assert send < delay < drain
    assert drain + math.ceil(send) + 2 * ANSWER_SECONDS <= deployment.container("api")["stopTimeout"] == 120
    assert group["HealthCheckPath"] == "/healthz"


def test_services_roll_back_and_workers_are_mostly_spot(deployment: Deployment) -> None:
    answer = deployment.client("ecs").describe_services(cluster=NAME, services=[f"{NAME}-api", f"{NAME}-worker"])
    api, worker = answer["services"]
    weights = {entry["capacityProvider"]: entry["weight"] for entry in worker["capacityProviderStrategy"]}

    for service in (api, worker):
        assert service["deploymentConfiguration"]["deploymentCircuitBreaker"] == {"enable": True, "rollback": True}
        assert service["networkConfiguration"]["awsvpcConfiguration"]["assignPublicIp"] == "DISABLED"
    assert [entry["capacityProvider"] for entry in api["capacityProviderStrategy"]] == ["FARGATE"]
    assert weights == {"FARGATE": 30, "FARGATE_SPOT": 70}


def test_clients_speak_tls_and_are_redirected_to_it(deployment: Deployment) -> None:
    elb = deployment.client("elbv2")
    (balancer,) = elb.describe_load_balancers(Names=[NAME])["LoadBalancers"]
    listeners = {
        listener["Port"]: listener
        for listener in elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    }
    acl = deployment.client("wafv2").get_web_acl_for_resource(ResourceArn=balancer["LoadBalancerArn"])["WebACL"]

    assert listeners[443]["SslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-2021-06"
    assert listeners[80]["DefaultActions"][0]["RedirectConfig"]["Protocol"] == "HTTPS"
    assert acl["Rules"][0]["Statement"]["RateBasedStatement"]["Limit"] == 100000
    assert deployment.outputs["api_url"] == f"https://{DOMAIN}"


def test_metrics_are_for_the_inside(deployment: Deployment) -> None:
    elb = deployment.client("elbv2")
    (balancer,) = elb.describe_load_balancers(Names=[NAME])["LoadBalancers"]
    listeners = elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    (https,) = (listener for listener in listeners if listener["Port"] == 443)
    first, *_ = elb.describe_rules(ListenerArn=https["ListenerArn"])["Rules"]

    assert first["Conditions"][0]["PathPatternConfig"]["Values"] == ["/metrics*"]
    assert first["Actions"][0]["FixedResponseConfig"]["StatusCode"] == "404"


def test_workers_scale_on_all_messages_per_desired_task(deployment: Deployment) -> None:
    policies = scaling(deployment)
    backlog = policies[f"{NAME}-worker-backlog"]["TargetTrackingScalingPolicyConfiguration"]
    metrics = {metric["Id"]: metric for metric in backlog["CustomizedMetricSpecification"]["Metrics"]}

    assert metrics["waiting"]["MetricStat"]["Metric"]["MetricName"] == "ApproximateNumberOfMessagesVisible"
    assert metrics["held"]["MetricStat"]["Metric"]["MetricName"] == "ApproximateNumberOfMessagesNotVisible"
    assert metrics["desired"]["MetricStat"]["Metric"]["MetricName"] == "DesiredTaskCount"
    assert metrics["backlog"]["Expression"] == "(waiting + held) / IF(FILL(desired, 0) < 1, 1, desired)"
    assert [name for name, metric in metrics.items() if metric.get("ReturnData")] == ["backlog"]
    assert backlog["ScaleInCooldown"] >= deployment.container("worker")["stopTimeout"]


def test_the_api_scales_on_requests_and_both_scale_on_cpu(deployment: Deployment) -> None:
    policies = scaling(deployment)
    predefined = {
        name: policy["TargetTrackingScalingPolicyConfiguration"]["PredefinedMetricSpecification"][
            "PredefinedMetricType"
        ]
        for name, policy in policies.items()
        if "PredefinedMetricSpecification" in policy.get("TargetTrackingScalingPolicyConfiguration", {})
    }
    targets = deployment.client("application-autoscaling").describe_scalable_targets(ServiceNamespace="ecs")
    bounds = {
        target["ResourceId"]: (target["MinCapacity"], target["MaxCapacity"]) for target in targets["ScalableTargets"]
    }

    assert predefined == {
        f"{NAME}-api-cpu": "ECSServiceAverageCPUUtilization",
        f"{NAME}-api-requests": "ALBRequestCountPerTarget",
        f"{NAME}-worker-cpu": "ECSServiceAverageCPUUtilization",
    }
    assert bounds == {f"service/{NAME}/{NAME}-api": (3, 30), f"service/{NAME}/{NAME}-worker": (2, 50)}


def test_a_message_wakes_the_first_worker(deployment: Deployment) -> None:
    wake = scaling(deployment)[f"{NAME}-worker-wake"]
    (alarm,) = deployment.client("cloudwatch").describe_alarms(AlarmNames=[f"{NAME}-worker-wake"])["MetricAlarms"]

    assert wake["StepScalingPolicyConfiguration"]["AdjustmentType"] == "ExactCapacity"
    assert alarm["AlarmActions"] == [wake["PolicyARN"]]


def test_the_ledger_is_checked_every_day_by_a_task_that_nobody_calls(deployment: Deployment) -> None:
    schedule = deployment.client("scheduler").get_schedule(Name=f"{NAME}-ledger")
    target, parameters = schedule["Target"], schedule["Target"]["EcsParameters"]
    network = parameters["NetworkConfiguration"]["awsvpcConfiguration"]
    (cluster,) = deployment.client("ecs").describe_clusters(clusters=[NAME])["clusters"]
    (group,) = deployment.client("ec2").describe_security_groups(GroupIds=network["SecurityGroups"])["SecurityGroups"]
    container = deployment.container("ledger")

    assert (schedule["State"], schedule["ScheduleExpression"]) == ("ENABLED", "cron(0 4 * * ? *)")
    assert (target["Arn"], parameters["LaunchType"]) == (cluster["clusterArn"], "FARGATE")
    assert parameters["TaskDefinitionArn"] == deployment.outputs["task_definitions"]["ledger"]
    assert network["AssignPublicIp"] == "DISABLED"
    assert group["IpPermissions"] == []
    assert container["command"] == ["ledger", "--log", "--settle-minutes=240", "--days-ago=1", "--days-ago=7"]
    assert "healthCheck" not in container
    assert "@sha256:" in container["image"]
    assert f"{NAME}/ops@" in container["image"]


def test_the_scheduler_may_start_that_task_and_nothing_else(deployment: Deployment) -> None:
    run, hand_over = deployment.policy("scheduler", "run")
    (cluster,) = deployment.client("ecs").describe_clusters(clusters=[NAME])["clusters"]
    role = deployment.client("iam").get_role(RoleName=f"{NAME}-scheduler")["Role"]
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    roles = {f"arn:aws:iam::123456789012:role/{NAME}-ledger-{kind}" for kind in ("task", "execution")}

    assert (run["Action"], run["Resource"]) == ("ecs:RunTask", deployment.outputs["task_definitions"]["ledger"])
    assert run["Condition"] == {"ArnEquals": {"ecs:cluster": cluster["clusterArn"]}}
    assert (hand_over["Action"], set(hand_over["Resource"])) == ("iam:PassRole", roles)
    assert hand_over["Condition"] == {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}


def test_a_check_that_does_not_run_is_an_alarm_and_a_mismatch_stays_one_for_a_day(deployment: Deployment) -> None:
    answer = deployment.client("cloudwatch").describe_alarms(AlarmNamePrefix=f"{NAME}-ledger-")
    mismatch, silent = sorted(answer["MetricAlarms"], key=lambda alarm: str(alarm["AlarmName"]))

    for alarm in (mismatch, silent):
        assert 86_400 < alarm["Period"] * alarm["EvaluationPeriods"] < 2 * 86_400
    assert (mismatch["ComparisonOperator"], mismatch["Threshold"]) == ("GreaterThanThreshold", 0)
    assert (mismatch["DatapointsToAlarm"], mismatch["TreatMissingData"]) == (1, "notBreaching")
    assert (silent["ComparisonOperator"], silent["Threshold"]) == ("LessThanThreshold", 1)
    assert (silent["DatapointsToAlarm"], silent["TreatMissingData"]) == (silent["EvaluationPeriods"], "breaching")


def test_the_rejected_share_is_of_events_and_not_of_answers(deployment: Deployment) -> None:
    (alarm,) = deployment.client("cloudwatch").describe_alarms(AlarmNames=[f"{NAME}-rejected-share"])["MetricAlarms"]
    (share,) = (metric["Expression"] for metric in alarm["Metrics"] if metric.get("ReturnData"))
    parts = [metric for metric in alarm["Metrics"] if "MetricStat" in metric]
    metrics = {part["Id"]: part["MetricStat"]["Metric"]["MetricName"] for part in parts}

    assert metrics == {"part0": "EventsRejected", "whole0": "EventsAccepted", "whole1": "EventsRejected"}
    whole = "FILL(whole0, 0) + FILL(whole1, 0)"
    assert share == f"IF({whole} >= 100, 100 * (FILL(part0, 0)) / ({whole}), 0)"


def test_every_alarm_tells_somebody_and_names_its_page(deployment: Deployment) -> None:
    alarms = deployment.client("cloudwatch").describe_alarms(AlarmNamePrefix=f"{NAME}-")["MetricAlarms"]
    topics = [topic["TopicArn"] for topic in deployment.client("sns").list_topics()["Topics"]]
    faults = [alarm for alarm in alarms if alarm["AlarmName"] != f"{NAME}-worker-wake"]
    pages = {path.stem for path in (ROOT / "docs/runbook").glob("*.md")}

    assert {alarm["AlarmName"].removeprefix(f"{NAME}-") for alarm in faults} == pages
    for alarm in faults:
        page = alarm["AlarmName"].removeprefix(f"{NAME}-")
        assert alarm["AlarmDescription"].endswith(f"Runbook: docs/runbook/{page}.md")
        assert alarm["AlarmActions"] == topics
        assert alarm["TreatMissingData"] == ("breaching" if page == "ledger-silent" else "notBreaching")


def test_the_age_alarm_goes_off_after_what_a_crash_explains(deployment: Deployment) -> None:
    (alarm,) = deployment.client("cloudwatch").describe_alarms(AlarmNames=[f"{NAME}-oldest-message-age"])[
        "MetricAlarms"
    ]
    environment = deployment.environment("worker")
    crash = sum(float(environment[f"TOUCHLAKE_WORKER_{name}_SECONDS"]) for name in ("VISIBILITY", "FLUSH"))

    assert crash < alarm["Threshold"] < 2 * crash


def test_log_lines_become_metrics_that_alarms_watch(deployment: Deployment) -> None:
    logs, cloudwatch = deployment.client("logs"), deployment.client("cloudwatch")
    filters = logs.describe_metric_filters()["metricFilters"]
    made = {(t["metricNamespace"], t["metricName"]) for each in filters for t in each["metricTransformations"]}
    alarms = cloudwatch.describe_alarms()["MetricAlarms"]
    parts = [
        part["MetricStat"]["Metric"] for alarm in alarms for part in alarm.get("Metrics", []) if "MetricStat" in part
    ]
    watched = {(each.get("Namespace"), each.get("MetricName")) for each in [*alarms, *parts]}

    names = ("WorkerRestarts", "LedgerMismatches", "LedgerChecks", "EventsAccepted", "EventsRejected")
    assert made == {(f"Touchlake/{NAME}", name) for name in names}
    assert made <= watched


def test_log_lines_are_looked_for_where_they_are_written(deployment: Deployment) -> None:
    """Each filter reads the log of the task that writes the line."""
    filters = deployment.client("logs").describe_metric_filters()["metricFilters"]
    names = ("api", "ledger")
    groups = {name: deployment.container(name)["logConfiguration"]["options"]["awslogs-group"] for name in names}
    patterns = {
        name: {each["filterPattern"] for each in filters if each["logGroupName"] == group}
        for name, group in groups.items()
    }

    assert patterns == {
        "api": {'{ $.event = "events_counted" }'},
        "ledger": {
            '{ $.event = "ledger_mismatch" }',
            '{ $.event = "ledger_ok" || $.event = "ledger_mismatch" }',
        },
    }


def test_the_dashboard_asks_three_questions(deployment: Deployment) -> None:
    body = orjson.loads(deployment.client("cloudwatch").get_dashboard(DashboardName=NAME)["DashboardBody"])
    texts = [widget["properties"]["markdown"] for widget in body["widgets"] if widget["type"] == "text"]

    assert [text.split("?")[0] for text in texts] == [
        "## Are we losing anything",
        "## How late are we",
        "## What does it cost",
    ]
    assert sum(widget["type"] == "metric" for widget in body["widgets"]) == 9


def test_images_are_scanned_and_tags_stay(deployment: Deployment) -> None:
    repositories = deployment.client("ecr").describe_repositories()["repositories"]

    assert {repository["repositoryName"] for repository in repositories} == {
        f"{NAME}/{name}" for name in ("api", "worker", "ops")
    }
    for repository in repositories:
        assert repository["imageTagMutability"] == "IMMUTABLE"
        assert repository["imageScanningConfiguration"]["scanOnPush"] is True


def test_analysts_find_a_table_a_limit_and_three_queries(deployment: Deployment) -> None:
    table = deployment.client("glue").get_table(DatabaseName=NAME.replace("-", "_"), Name="events")["Table"]
    athena = deployment.client("athena")
    group = athena.get_work_group(WorkGroup=NAME)["WorkGroup"]["Configuration"]
    queries = athena.list_named_queries(WorkGroup=NAME)["NamedQueryIds"]

    template = f"s3://{deployment.outputs['lake_bucket']}/events/shard=${{shard}}/date=${{date}}/"
    assert table["Parameters"]["storage.location.template"] == template
    assert [key["Name"] for key in table["PartitionKeys"]] == ["shard", "date"]
    assert group["BytesScannedCutoffPerQuery"] == 100 * 2**30
    assert len(queries) == 3


@pytest.mark.last
def test_destroy_leaves_nothing_but_the_lake(deployment: Deployment) -> None:
    """A plain destroy is refused; once the lake is forgotten, all else goes, and the lake keeps its protection."""
    terraform, s3, bucket = deployment.terraform, deployment.client("s3"), deployment.outputs["lake_bucket"]
    refused = terraform.destroy(may_fail=True)
    assert refused.returncode == 1
    assert "Instance cannot be destroyed" in refused.stderr

    terraform.run("state", "rm", "module.lake")
    terraform.destroy()

    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert s3.get_bucket_policy(Bucket=bucket)["Policy"]
    assert tagged(deployment) == {f"arn:aws:s3:::{bucket}"}
    (cluster,) = deployment.client("ecs").describe_clusters(clusters=[NAME])["clusters"]
    assert cluster["status"] == "INACTIVE"
    assert deployment.client("glue").get_databases()["DatabaseList"] == []
    assert deployment.client("scheduler").list_schedules()["Schedules"] == []
    assert terraform.plan().returncode == CHANGES


def tagged(deployment: Deployment, name: str = NAME) -> set[str]:
    """Return the ARNs of all that bears a stack's tag, but for what stays to be seen for a while after its end."""
    pages = deployment.client("resourcegroupstaggingapi").get_paginator("get_resources")
    filters = [{"Key": "Stack", "Values": [name]}]
    outliving = re.compile("arn:aws:(ecs:|glue:|ec2:.*:natgateway/)")
    found = [
        entry["ResourceARN"] for page in pages.paginate(TagFilters=filters) for entry in page["ResourceTagMappingList"]
    ]
    return {arn for arn in found if not outliving.match(arn)}


def attributes(deployment: Deployment, url: str) -> dict[str, str]:
    answer = deployment.client("sqs").get_queue_attributes(QueueUrl=deployment.outputs[url], AttributeNames=["All"])
    found: dict[str, str] = answer["Attributes"]
    return found


def scaling(deployment: Deployment) -> dict[str, dict[str, Any]]:
    answer = deployment.client("application-autoscaling").describe_scaling_policies(ServiceNamespace="ecs")
    return {policy["PolicyName"]: policy for policy in answer["ScalingPolicies"]}
