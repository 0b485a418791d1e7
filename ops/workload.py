"""What a bill depends on: every assumption a name, a value and where the value comes from.

Times are seconds, sizes bytes. Measured means measured on two cores of a shared machine, not on AWS.
"""

from dataclasses import dataclass, field, replace
from typing import Literal

from shared.settings import ApiSettings, WorkerSettings

DAY = 86_400
_API = ApiSettings.model_fields
_WORKER = WorkerSettings.model_fields


@dataclass(frozen=True)
class Traffic:
    """What the apps send.

    The shape of a user's day is that of a public clickstream, 31,106 events of 3,605 user-days (in the Apache-2.0
    package retentioneering 5.2.4): one session of 17 minutes and 8.6 events a user-day.
    """

    events_per_day: float
    event_bytes: float = 300
    """JSON as posted."""
    events_per_user_day: float = 10
    events_per_post: float = 1
    """An SDK that sends every 30 s, as Segment's do, would have sent 1.1 a POST in that clickstream."""
    session_seconds: float = 1_040
    peak: float = 2
    """The busiest hour over the mean hour; 1.9 in that clickstream."""

    @property
    def users_per_day(self) -> float:
        return self.events_per_day / self.events_per_user_day

    @property
    def events_per_second(self) -> float:
        return self.events_per_day / DAY

    @property
    def posts_per_user_day(self) -> float:
        return self.events_per_user_day / self.events_per_post

    @property
    def row_bytes(self) -> float:
        """A canonical row: 350 bytes where the event was 287 (`make bench`)."""
        return self.event_bytes + 60


@dataclass(frozen=True)
class Tuning:
    """Settings of the code, by their defaults, and of the account."""

    linger_seconds: float = _API["api_linger_ms"].default / 1000
    senders: int = _API["api_senders"].default
    flush_seconds: float = _WORKER["worker_flush_seconds"].default
    flush_rows: int = _WORKER["worker_flush_rows"].default
    flush_bytes: int = _WORKER["worker_flush_bytes"].default
    pollers: int = _WORKER["worker_pollers"].default
    poll_seconds: float = _WORKER["worker_poll_seconds"].default
    writers: int = _WORKER["worker_writers"].default
    visibility_seconds: float = _WORKER["worker_visibility_seconds"].default
    queues: int = 1
    """More than one is not built: what a queue for each share of the users would save."""
    api_tasks: int = 2
    """At least; one a zone."""
    workers: int = 1
    """At least."""
    load: float = 0.6
    """How busy a task is when the policy is content."""


@dataclass(frozen=True)
class Speed:
    """What a task of one vCPU does."""

    post_seconds: float = 75e-6
    """CPU of a POST beside its events: one of a single event took 85 µs in all (`make bench`, `single`)."""
    judge_seconds: float = 10e-6
    """CPU of an event on its way through the API: in POSTs of 100 it took 10.5 µs, its part of the POST included
    (`make bench`, `batch`)."""
    place_seconds: float = 4.1e-6
    """CPU of an event from message to group (`make bench`: 3.9 + 0.3 µs)."""
    rewrite_seconds: float = 6.8e-6
    """CPU of a row that stands in an object already, read and written again (`make bench`: 4.8 + 2.0 µs)."""
    store_call_seconds: float = 0.2e-3
    """CPU of a call of S3 by obstore, measured against SeaweedFS."""
    s3_seconds: float = 0.1
    """A small GET or PUT: the better end of the 100 to 200 ms that AWS names for small objects
    (docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html). Not measured."""
    sqs_seconds: float = 0.015
    """A call of SQS within a region. An assumption, not measured."""


@dataclass(frozen=True)
class Sizes:
    """How rows shrink, measured on generated events of 287 bytes."""

    packed_message: float = 400
    """What a message weighs beside its rows; so 1 row makes 451 bytes (counted: 407), 100 make 5,472 (5,689)."""
    packing: float = 6.9
    """Bytes of rows in a byte of message, base64 included."""
    object: float = 213
    """What an object weighs beside its rows; so 1 row makes 254 bytes (counted: 253), 10 make 625 (638)."""
    gzip: float = 8.5
    """Bytes of rows in a byte of object."""


@dataclass(frozen=True)
class Account:
    """What runs whether events come or not, and what is kept."""

    network: Literal["endpoints", "nat"] = "endpoints"
    zones: int = 2
    endpoints: int = 5
    """SQS, ECR (api and dkr), logs, Secrets Manager; S3's gateway endpoint is free."""
    task_vcpu: float = 1
    task_memory_gb: float = 2
    retention_days: float = 365
    noncurrent_days: float = 7
    """The bucket is versioned: what a rewrite replaces is kept so long."""
    response_bytes: float = 600
    """Of a POST's answer, headers and TLS included."""
    request_overhead_bytes: float = 1_500
    """Of a POST: headers, and TLS where a connection is new."""
    posts_per_connection: float = 1
    log_bytes_per_flush: float = 400
    log_bytes_per_post: float = 0
    """Requests that succeed are counted, not logged."""
    ledger_seconds: float = _API["ledger_seconds"].default
    ledger_vcpu: float = 0.5
    ledger_memory_gb: float = 2
    metrics: int = 45
    """40 of Container Insights, which RunningTaskCount needs (an assumption), and 5 made of log lines."""
    alarm_metrics: int = 30
    """18 of our alarms, 12 of those that target tracking makes."""
    waf_rules: int = 1
    image_gb: float = 3
    secrets: int = 1
    athena_user_days: float = 0
    """User-days that queries read in a month."""


@dataclass(frozen=True)
class Workload:
    traffic: Traffic
    tuning: Tuning = field(default_factory=Tuning)
    speed: Speed = field(default_factory=Speed)
    sizes: Sizes = field(default_factory=Sizes)
    account: Account = field(default_factory=Account)

    def scaled(self, factor: float) -> "Workload":
        """Return the same with so many times the users."""
        return replace(self, traffic=replace(self.traffic, events_per_day=self.traffic.events_per_day * factor))
