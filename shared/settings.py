"""Settings: environment variables, read once by the `__main__` files and passed in.

`TABLE` in README is compared with these classes by a test.
"""

import difflib
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, TypeVar

import orjson
from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from shared.errors import SettingsError

PREFIX = "TOUCHLAKE_"
Positive = Annotated[int, Field(gt=0)]
Seconds = Annotated[float, Field(gt=0)]
Port = Annotated[int, Field(ge=0, le=65_535)]
QueueUrl = Annotated[str, Field(pattern=r"^https?://[^/]+/.+")]
Endpoint = Annotated[str, Field(pattern=r"^https?://[^/]+")]


class LogSettings(BaseSettings):
    """How every process logs."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore", hide_input_in_errors=True)

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="the least level that is logged"
    )


class LakeSettings(LogSettings):
    """Where the lake is."""

    lake_bucket: str = Field(min_length=3, description="the S3 bucket of the lake")


class QueueSettings(LogSettings):
    """Where the queue is."""

    queue_url: QueueUrl = Field(description="the URL of the SQS queue")


class SuppressionSettings(LogSettings):
    """Who was erased."""

    suppress_users_s3_key: str | None = Field(
        None, description="key in the lake's bucket of a list of erased user ids, one a line, reread every half minute"
    )


class LedgerSettings(LogSettings):
    """How the ledger is kept."""

    ledger_seconds: Seconds = Field(
        30, description="seconds between two entries in the ledger: of what the API accepted, of what was erased"
    )


class ApiSettings(QueueSettings, SuppressionSettings, LedgerSettings):
    """The API."""

    write_keys: Annotated[dict[SecretStr, str], NoDecode] = Field(
        default_factory=dict,
        description='`key:source,key:source` or JSON `{"key": "source"}`; several keys may name one source',
    )
    auth: Literal["on", "off"] = Field("on", description="`off`: no key is asked for, every source is `default`")
    api_host: str = Field("127.0.0.1", description="the address to listen on")
    api_port: Port = Field(8000, description="the port to listen on; 0 takes a free one and logs it")
    api_linger_ms: Annotated[float, Field(ge=0, le=1000)] = Field(
        200, description="milliseconds that a request may wait for company in its SQS message; alone it waits a quarter"
    )
    api_senders: Positive = Field(4, description="threads that send to SQS")
    api_send_seconds: Seconds = Field(10, description="seconds that sending is retried before the answer is 503")
    api_outbox_bytes: Positive = Field(
        64 * 2**20, description="bytes of bodies on their way in and of rows unconfirmed; past it the answer is 503"
    )
    api_body_seconds: Seconds = Field(30, description="seconds that a body may take to arrive; past it 408")
    api_max_body_bytes: Positive = Field(2**20, description="bytes of a request, compressed or not; past it 413")
    api_max_event_bytes: Annotated[int, Field(gt=0, le=160 * 1024)] = Field(
        32 * 1024, description="bytes of an event as sent; past it that event is refused"
    )
    api_max_events: Positive = Field(10_000, description="events in a request; past it 413")
    api_source_events_per_second: Annotated[float, Field(ge=0)] = Field(
        50_000, description="events a second of one source, with bursts of 10 s; past it 429; 0 is no limit"
    )
    api_address_events_per_second: Annotated[float, Field(ge=0)] = Field(
        0, description="the same for one client address"
    )
    api_trusted_proxies: Annotated[int, Field(ge=0)] = Field(
        0, description="proxies in front that append the client's address to `X-Forwarded-For` (a load balancer: 1)"
    )
    api_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="origins whose pages may send, `https://a.example,https://b.example`, or `*`"
    )
    client_address: Literal["off", "truncated", "full"] = Field(
        "off", description="what is kept of a client's address: nothing, its network (/24, /48), all"
    )
    lake_bucket: str | None = Field(None, min_length=3, description="the S3 bucket of the lake")
    api_drain_seconds: Annotated[float, Field(ge=0)] = Field(
        0, description="seconds that a stopping API still takes requests while `/readyz` says 503"
    )

    @field_validator("write_keys", mode="before")
    @classmethod
    def _read_pairs(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        if value.lstrip().startswith("{"):
            return _read_json_keys(value)
        pairs = [pair.strip().rpartition(":") for pair in value.split(",") if pair.strip()]
        if not all(key and source for key, _, source in pairs):
            raise ValueError("must be written as key:source,key:source")
        if len({key for key, _, _ in pairs}) != len(pairs):
            raise ValueError("must not name one key twice")
        return {key: source for key, _, source in pairs}

    @field_validator("api_origins", mode="before")
    @classmethod
    def _read_list(cls, value: Any) -> Any:
        return tuple(text.strip() for text in value.split(",") if text.strip()) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _keys_or_off(self) -> Self:
        if self.auth == "on" and not self.write_keys:
            raise SettingsError("TOUCHLAKE_WRITE_KEYS is missing: key:source,key:source (or TOUCHLAKE_AUTH=off)")
        if self.suppress_users_s3_key and not self.lake_bucket:
            raise SettingsError("TOUCHLAKE_LAKE_BUCKET is missing: TOUCHLAKE_SUPPRESS_USERS_S3_KEY is a key in it")
        return self


def _read_json_keys(value: str) -> dict[str, str]:
    """Read a secret of the form {"key": "source"}; what is wrong with it is said without showing it."""
    try:
        keys = orjson.loads(value)
    except orjson.JSONDecodeError:
        raise ValueError("must be a JSON object of key and source") from None
    if not isinstance(keys, dict) or not all(k and s and isinstance(s, str) for k, s in keys.items()):
        raise ValueError("must be a JSON object of key and source")
    return keys


class WorkerSettings(LedgerSettings, SuppressionSettings, QueueSettings, LakeSettings):
    """The worker."""

    worker_flush_seconds: Seconds = Field(60, description="seconds that a window gathers before it is written")
    worker_flush_rows: Positive = Field(200_000, description="rows that make a window due at once")
    worker_flush_bytes: Positive = Field(64 * 2**20, description="bytes of rows that make a window due at once")
    worker_held_bytes: Positive = Field(256 * 2**20, description="bytes of rows held; past it the worker stops polling")
    worker_pollers: Positive = Field(2, description="threads that receive from SQS")
    worker_poll_seconds: Annotated[int, Field(ge=0, le=20)] = Field(20, description="seconds of a long poll")
    worker_writers: Positive = Field(64, description="objects merged at a time")
    worker_recent_bytes: Annotated[int, Field(ge=0)] = Field(
        32 * 2**20, description="bytes of objects last written, which may save reading them; 0 keeps none"
    )
    worker_visibility_seconds: Annotated[int, Field(ge=2, le=43_200)] = Field(
        120, description="visibility timeout of a received message; extended for as long as it is held"
    )
    worker_drain_seconds: Seconds = Field(
        75, description="seconds to write what is held after SIGTERM; the rest is released"
    )
    worker_metrics_host: str = Field("127.0.0.1", description="the address that serves metrics")
    worker_metrics_port: Port = Field(9100, description="the port that serves metrics; 0 takes a free one and logs it")


class AwsSettings(BaseSettings):
    """The part of AWS's own variables that boto3 and obstore don't read alike."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True, env_ignore_empty=True)

    region: str = Field("us-east-1", validation_alias=AliasChoices("AWS_REGION", "AWS_DEFAULT_REGION"))
    s3_endpoint: Endpoint | None = Field(None, validation_alias=AliasChoices("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"))
    sqs_endpoint: Endpoint | None = Field(
        None, validation_alias=AliasChoices("AWS_ENDPOINT_URL_SQS", "AWS_ENDPOINT_URL")
    )


ALL: tuple[type[BaseSettings], ...] = (ApiSettings, WorkerSettings)
S = TypeVar("S", bound=BaseSettings)


def read(settings: type[S]) -> S:
    """Build settings from the environment. Raises SettingsError: one line with every name, value and what is wanted."""
    try:
        return settings()
    except ValidationError as error:
        raise SettingsError("; ".join(_explain(settings, problem) for problem in error.errors())) from None


def unknown_names(environment: Mapping[str, str]) -> list[str]:
    """Return a remark for each `TOUCHLAKE_` variable that no setting reads: most likely a slip of the pen."""
    known = {PREFIX + name.upper() for owner in ALL for name in owner.model_fields}
    return [
        f"{name} is no setting"
        + "".join(f": did you mean {near}?" for near in difflib.get_close_matches(name, known, 1))
        for name in sorted(environment)
        if name.startswith(PREFIX) and name not in known
    ]


def _explain(settings: type[BaseSettings], problem: Any) -> str:
    place = str(problem["loc"][0])
    is_ours = place in settings.model_fields  # else it is a name of AWS's
    name = PREFIX + place.upper() if is_ours else f"{place} (or AWS_ENDPOINT_URL)"
    description = settings.model_fields[place].description if is_ours else "where the service is, http://host:port"
    if problem["type"] == "missing":
        return f"{name} is missing: {description}"
    value = "" if place == "write_keys" else f"={problem['input']!r}"
    return f"{name}{value} is wrong: {problem['msg'].removeprefix('Value error, ')} ({description})"
