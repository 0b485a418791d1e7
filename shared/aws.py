"""Clients for SQS and S3, built once by the `__main__` files."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from obstore.store import S3Store

from shared.settings import AwsSettings

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from obstore.store import S3Config


def sqs(settings: AwsSettings, *, connections: int, answer_seconds: float) -> "SQSClient":
    """Return a client that tries once: the callers retry, since they know which entries are still open.

    An answer that takes longer than `answer_seconds` counts as none.
    """
    config = Config(
        connect_timeout=2,
        read_timeout=answer_seconds,
        max_pool_connections=connections,
        retries={"total_max_attempts": 1},
        user_agent_extra="touchlake",
    )
    return boto3.session.Session().client(
        "sqs", region_name=settings.region, endpoint_url=settings.sqs_endpoint, config=config
    )


def s3(settings: AwsSettings, *, connections: int = 16) -> Any:
    """Return a client for what obstore can't do: versions. It retries by itself."""
    config = Config(max_pool_connections=connections, retries={"mode": "standard"}, user_agent_extra="touchlake")
    return boto3.session.Session().client(
        "s3", region_name=settings.region, endpoint_url=settings.s3_endpoint, config=config
    )


def lake(settings: AwsSettings, bucket: str, credentials: "S3Config | None" = None) -> S3Store:
    """Return the bucket as an object store; its own retries cover single hiccups (5xx, dropped connections).

    Without `credentials` they come from the environment, or from the container or instance that this runs in.
    """
    config: S3Config = {"region": settings.region, **(credentials or {})}
    if settings.s3_endpoint:
        config["endpoint"] = settings.s3_endpoint
    return S3Store(
        bucket,
        config=config,
        client_options={
            "allow_http": True,
            "connect_timeout": timedelta(seconds=2),
            "timeout": timedelta(seconds=10),
        },
        retry_config={
            "max_retries": 3,
            "backoff": {"init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=2), "base": 2},
            "retry_timeout": timedelta(seconds=10),
        },
    )
