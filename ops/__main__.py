"""`python -m ops`: the operator's tool."""

import sys

import typer

from ops import lake, ledger
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
from shared.queue import Queue, SqsQueue
from shared.settings import AwsSettings, LakeSettings, QueueSettings

ANSWER_SECONDS = 30

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help="Send, look, verify, redrive.")
app.command()(send)
app.command()(generate)
app.command()(demo)
app.command()(up)
app.command("ledger")(ledger.show)
app.command()(cost)
app.add_typer(lake.app, name="lake")


@app.callback()
def connect(ctx: typer.Context) -> None:
    """Send, look, verify, redrive. TOUCHLAKE_LAKE_BUCKET, TOUCHLAKE_QUEUE_URL and AWS's variables say where."""
    ctx.obj = Context(_lake, _queue)


@app.command("provision")
def provision_command(name: str = "touchlake") -> None:
    """Make queue, dead-letter queue and bucket on LocalStack."""
    made = provision(name)
    print(f"TOUCHLAKE_QUEUE_URL={made.queue_url}\nTOUCHLAKE_LAKE_BUCKET={made.bucket}")


def _lake() -> ObjectStore:
    return S3ObjectStore(aws.lake(settings.read(AwsSettings), settings.read(LakeSettings).lake_bucket))


def _queue() -> Queue:
    client = aws.sqs(settings.read(AwsSettings), connections=4, answer_seconds=ANSWER_SECONDS)
    return SqsQueue(client, settings.read(QueueSettings).queue_url)


def main() -> int:
    try:
        app(prog_name="python -m ops")
    except (SettingsError, StoreUnavailable, QueueUnavailable, CorruptObject) as error:
        errors.print(f"[red]✗[/red] {error}", soft_wrap=True, highlight=False)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
