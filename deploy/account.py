"""The AWS account, by the credentials of the environment, and the bucket that terraform needs before it can start."""

from http import HTTPStatus
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from deploy.environment import Environment
from deploy.errors import NotReady


def session(environment: Environment) -> Any:
    return boto3.session.Session(region_name=environment.region)


def number(aws: Any) -> str:
    """Return the account's number. Raises NotReady without credentials."""
    try:
        return str(aws.client("sts").get_caller_identity()["Account"])
    except (BotoCoreError, ClientError) as error:
        raise NotReady(f"AWS does not know who asks: {error}") from None


def make_state_bucket(aws: Any, bucket: str) -> bool:
    """Make the bucket of terraform's state, versioned and closed to the public; return whether it was missing."""
    s3 = aws.client("s3")
    if has_bucket(aws, bucket):
        return False
    region = aws.region_name
    # us-east-1 is S3's default, and refused when it is named:
    # https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucketConfiguration.html
    where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=bucket, **where)
    closed = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=dict.fromkeys(closed, True))
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return True


def has_bucket(aws: Any, bucket: str) -> bool:
    """Tell whether a bucket is there. Raises NotReady when it is another account's."""
    try:
        aws.client("s3").head_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != HTTPStatus.NOT_FOUND:
            raise NotReady(f"the bucket {bucket} cannot be reached: {error}") from None
        return False
    return True
