"""`python -m ops`: the operator's tool."""

import sys
from typing import TYPE_CHECKING

import typer

from ops import dlq, lake, ledger, rejected, user
from ops.context import Context, errors
from ops.cost import cost
from ops.demo import demo
from ops.generate import generate
from ops.local import provision
from ops.send import send
from ops.up import up
from shared import aws, settings
from shared.errors import CorruptObject, QueueUnavailable, SettingsError, StoreUnavailable
from shared.objectstore import ObjectStore, S3ObjectStore
from shared.queue import SqsQueue
from shared.redrive import SqsRedrive
from shared.settings import AwsSettings, LakeSettings, QueueSettings, SuppressionSettings
from shared.versions import S3Versions

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help="Send, look, verify, redrive.")
app.command()(send)
app.command()(generate)
app.command()(demo)
app.command()(up)
app.command("ledger")(ledger.show)
app.command()(cost)
app.add_typer(lake.app, name="lake")
app.add_typer(dlq.app, name="dlq")
app.add_typer(rejected.app, name="rejected")
app.add_typer(user.app, name="user")

ANSWER_SECONDS = 10
"""How long SQS may take to answer a command."""


@app.callback()
def connect(ctx: typer.Context) -> None:
    """Send, look, verify, redrive.

    The lake is the one that TOUCHLAKE_LAKE_BUCKET and AWS's variables name, the queue that of TOUCHLAKE_QUEUE_URL.
    """
    ctx.obj = Context(_lake, _queue, _redrive, _versions, _suppress_key)


def _lake() -> ObjectStore:
    return S3ObjectStore(aws.lake(settings.read(AwsSettings), settings.read(LakeSettings).lake_bucket))


def _versions() -> S3Versions:
    return S3Versions(aws.s3(settings.read(AwsSettings)), settings.read(LakeSettings).lake_bucket)


def _suppress_key() -> str | None:
    return settings.read(SuppressionSettings).suppress_users_s3_key


def _queue() -> SqsQueue:
    return SqsQueue(_sqs(), settings.read(QueueSettings).queue_url)


def _redrive() -> SqsRedrive:
    return SqsRedrive(_sqs(), settings.read(QueueSettings).queue_url)


def _sqs() -> "SQSClient":
    return aws.sqs(settings.read(AwsSettings), connections=1, answer_seconds=ANSWER_SECONDS)


@app.command("provision")
def provision_command(name: str = "touchlake") -> None:
    """Make queue, dead-letter queue and bucket on LocalStack."""
    made = provision(name)
    print(f"TOUCHLAKE_QUEUE_URL={made.queue_url}\nTOUCHLAKE_LAKE_BUCKET={made.bucket}")


def main() -> int:
    try:
        app(prog_name="python -m ops")
    except (SettingsError, StoreUnavailable, QueueUnavailable, CorruptObject) as error:
        errors.print(f"[red]✗[/red] {error}", soft_wrap=True, highlight=False)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
