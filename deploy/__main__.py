"""`python -m deploy`: puts Touchlake into an AWS account, and takes it away again. `make deploy`, `make destroy`."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.markup import escape

from deploy import digests, environment
from deploy.deployment import Deployment, Wishes
from deploy.errors import DeployError, NotReady
from deploy.removal import remove
from deploy.terraform import ROOT
from ops.context import errors

QUIET_SECONDS = 60
"""SQS's counts are right a minute after the last change:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html"""

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False)
Env = Annotated[str, typer.Argument(metavar="ENV", help="prod stands for terraform/prod.tfvars")]
Vars = Annotated[Path | None, typer.Option("--vars", envvar="VARS", help="another tfvars file")]


@app.command()
def up(
    env: Env,
    file: Vars = None,
    confirm: Annotated[str, typer.Option(envvar="CONFIRM", help="`yes`: apply without asking")] = "",
    images: Annotated[str, typer.Option(envvar="IMAGES", help="digests that are there, instead of a build")] = "",
    base: Annotated[str | None, typer.Option(envvar="PYTHON_IMAGE", help="base image, by digest")] = None,
    api_url: Annotated[str | None, typer.Option(envvar="API_URL", help="where the smoke test sends")] = None,
    smoke_seconds: Annotated[float, typer.Option(envvar="SMOKE_SECONDS", min=1)] = 600,
) -> None:
    """Build, push, plan, confirm, apply, wait, test with one event, and go back on failure."""
    place = environment.read(_file(env, file))
    wishes = Wishes(
        lambda: _ask(f"Type yes to apply this to {place.name}", "yes", confirm),
        digests.parse(images) if images else None,
        base,
        api_url,
        smoke_seconds,
    )
    Deployment(place, os.environ, wishes).run()


@app.command()
def destroy(
    env: Env,
    file: Vars = None,
    confirm: Annotated[str, typer.Option(envvar="CONFIRM", help="the stack's name: go on without asking")] = "",
    quiet_seconds: Annotated[
        float, typer.Option(envvar="QUIET_SECONDS", min=0.1, help="that the queue must be empty")
    ] = QUIET_SECONDS,
) -> None:
    """Stop the API, empty the queue into the lake, and destroy all but the lake."""
    place = environment.read(_file(env, file))
    remove(
        place,
        os.environ,
        lambda: _ask(f"Type {place.name} to destroy it", place.name, confirm),
        quiet_seconds,
    )


def _file(env: str, file: Path | None) -> Path:
    return file or ROOT / "terraform" / f"{env}.tfvars"


def _ask(question: str, wanted: str, given: str) -> None:
    if (given or typer.prompt(question, default="", show_default=False)) != wanted:
        raise DeployError(f"not confirmed: {wanted!r} was to be typed, or CONFIRM={wanted}")


def main() -> int:
    try:
        app(prog_name="python -m deploy", standalone_mode=True)
    except NotReady as error:
        return _say(error, 2)
    except (DeployError, BotoCoreError, ClientError) as error:
        return _say(error, 1)
    return 0


def _say(error: Exception, status: int) -> int:
    errors.print(f"[red]✗[/red] {escape(str(error))}", soft_wrap=True, highlight=False)
    return status


if __name__ == "__main__":
    sys.exit(main())
