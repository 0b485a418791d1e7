"""What Touchlake costs a month, service by service. Pure: a workload in, dollars out."""

from ops import usage
from ops.prices import dollars
from ops.usage import Usage
from ops.verification import READERS
from ops.workload import DAY, Workload

HOURS = 730
"""A month, as AWS counts it."""
SECONDS = HOURS * 3600
GB = 2**30
TB = 2**40
Bill = dict[str, float]


def bill(workload: Workload) -> Bill:
    """Return dollars a month by service."""
    used = usage.use(workload)
    return {
        "SQS": dollars("sqs_request", used.sqs_requests * SECONDS),
        "S3 requests": s3_requests(used),
        "S3 storage": s3_storage(workload, used),
        "Fargate workers": fargate(workload, used.workers),
        "Ledger": ledger(workload, used),
        **front(workload, used),
    }


def front(workload: Workload, used: Usage) -> Bill:
    """Return what any way of storing the events needs in front of it and around it."""
    return {
        "Fargate API": fargate(workload, used.api_tasks),
        "Load balancer": load_balancer(workload, used),
        "Endpoints or NAT": network(workload, used),
        "Internet out": dollars("internet_out", used.posts * SECONDS * workload.account.response_bytes / GB),
        "CloudWatch": cloudwatch(workload, used),
        "WAF": waf(workload, used),
        "ECR": dollars("ecr_storage", workload.account.image_gb),
        "Secrets": dollars("secret", workload.account.secrets),
        "Athena": athena(workload),
    }


def s3_requests(used: Usage) -> float:
    """Charge PUTs, and GETs before them; the first one of an object finds none and is billed too."""
    return dollars("s3_put", used.writes * SECONDS) + dollars("s3_get", used.reads * SECONDS)


def object_bytes(workload: Workload, rows: float) -> float:
    return workload.sizes.object + rows * workload.traffic.row_bytes / workload.sizes.gzip


def s3_storage(workload: Workload, used: Usage) -> float:
    """Charge the user-days kept, and the versions that rewrites left behind, which on average held half the rows."""
    traffic, account = workload.traffic, workload.account
    current = object_bytes(workload, traffic.events_per_user_day) * account.retention_days
    replaced = object_bytes(workload, traffic.events_per_user_day / 2) * account.noncurrent_days
    kept = traffic.users_per_day * (current + replaced * (used.writes_per_user_day - 1))
    return dollars("s3_storage", kept / GB)


def ledger(workload: Workload, used: Usage) -> float:
    """Charge what the API writes down, and the check: each day's objects are read twice, a day and a week later."""
    account = workload.account
    entries = min(used.posts, used.api_tasks / account.ledger_seconds)
    reads = 2 * workload.traffic.users_per_day / DAY
    busy = reads * workload.speed.s3_seconds / READERS
    hour = dollars("fargate_vcpu", account.ledger_vcpu) + dollars("fargate_memory", account.ledger_memory_gb)
    return dollars("s3_put", entries * SECONDS) + dollars("s3_get", reads * SECONDS) + busy * hour * HOURS


def fargate(workload: Workload, tasks: float) -> float:
    account = workload.account
    hour = dollars("fargate_vcpu", account.task_vcpu) + dollars("fargate_memory", account.task_memory_gb)
    return tasks * hour * HOURS


def load_balancer(workload: Workload, used: Usage) -> float:
    """Charge hours, a public address a zone, and capacity units by what asks for more of them: connections or bytes."""
    account = workload.account
    connections = used.posts / account.posts_per_connection / 25
    post_bytes = workload.traffic.events_per_post * workload.traffic.event_bytes + account.request_overhead_bytes
    gb_an_hour = used.posts * (post_bytes + account.response_bytes) * 3600 / GB
    hour = dollars("alb_hour", 1) + dollars("public_ipv4", account.zones)
    return HOURS * (hour + dollars("alb_lcu", max(connections, gb_an_hour)))


def network(workload: Workload, used: Usage) -> float:
    """Charge interface endpoints, or NAT gateways; SQS's traffic passes through them, S3's does not."""
    account = workload.account
    gb = 2 * used.messages * used.message_bytes * SECONDS / GB
    if account.network == "nat":
        gateways = dollars("nat_hour", account.zones * HOURS) + dollars("public_ipv4", account.zones * HOURS)
        return gateways + dollars("nat_data", gb)
    return dollars("endpoint_hour", account.endpoints * account.zones * HOURS) + dollars("endpoint_data", gb)


def cloudwatch(workload: Workload, used: Usage) -> float:
    account = workload.account
    flushed = used.workers / workload.tuning.flush_seconds * account.log_bytes_per_flush
    logged = (flushed + used.posts * account.log_bytes_per_post) * SECONDS / GB
    return dollars("log_ingest", logged) + dollars("metric", account.metrics) + dollars("alarm", account.alarm_metrics)


def waf(workload: Workload, used: Usage) -> float:
    rules = dollars("waf_rule", workload.account.waf_rules)
    return dollars("waf_acl", 1) + rules + dollars("waf_request", used.posts * SECONDS)


def athena(workload: Workload) -> float:
    """Charge bytes scanned, and a GET for each object read."""
    user_days = workload.account.athena_user_days
    scanned = user_days * object_bytes(workload, workload.traffic.events_per_user_day)
    return dollars("athena_scan", scanned / TB) + dollars("s3_get", user_days)


def events_per_month(workload: Workload) -> float:
    return workload.traffic.events_per_day * SECONDS / DAY
