"""Taking a stack away: no event is lost on the way, and the lake stays."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from deploy import account
from deploy.deployment import step
from deploy.digests import NONE_YET
from deploy.environment import Environment
from deploy.errors import DeployError
from deploy.services import Services
from deploy.terraform import Terraform
from ops.context import console

LAKE = "module.lake"
UNPROTECTED = "-var=deletion_protection=false"
COUNTS = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed")
EMPTY_SECONDS = 3600
LOOK_SECONDS = 5


def remove(
    environment: Environment, variables: Mapping[str, str], confirm: Callable[[], None], quiet_seconds: float
) -> None:
    """Stop the API, let the workers finish, destroy all but the lake. Raises DeployError."""
    aws, terraform = account.session(environment), Terraform(environment, variables)
    confirm()
    number = account.number(aws)
    terraform.init(environment.backend(number))
    outputs = terraform.outputs()
    services = Services(aws, outputs)
    digests = services.running() or NONE_YET
    if "queue_url" in outputs and terraform.manages(LAKE):  # else an earlier run came as far as destroying
        sqs = aws.client("sqs")
        refuse_dead_letters(waiting(sqs, outputs["dead_letter_queue_url"]))
        step("Lifting the protection against deletion")
        terraform.apply(digests, UNPROTECTED)
        step("Stopping the API")
        services.stop_api()
        step("Waiting until the workers have stored what is in the queue")
        wait_until_empty(lambda: waiting(sqs, outputs["queue_url"]), quiet_seconds, EMPTY_SECONDS)
        refuse_dead_letters(waiting(sqs, outputs["dead_letter_queue_url"]))
    step("Destroying all but the lake")
    if terraform.manages(LAKE):
        terraform.forget(LAKE)
    terraform.destroy(digests, UNPROTECTED)
    lake = environment.lake_bucket(number)
    console.print(
        f"[green]✓[/green] {environment.name} is gone; its lake {lake} stays", soft_wrap=True, highlight=False
    )


def waiting(sqs: Any, url: str) -> int:
    """Return how many messages a queue holds, as far as SQS knows."""
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(COUNTS))["Attributes"]
    return sum(int(found[name]) for name in COUNTS)


def refuse_dead_letters(number: int) -> None:
    if number:
        raise DeployError(
            f"{number} messages are in the dead-letter queue and would be lost: redrive or delete them first "
            "(docs/runbook/dead-letter-queue-not-empty.md)"
        )


def wait_until_empty(
    count: Callable[[], int],
    quiet_seconds: float,
    seconds: float,
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Wait until nothing was counted for `quiet_seconds`: SQS's counts lag. Raises DeployError."""
    began = clock()
    empty_since = None
    while True:
        now = clock()
        if number := count():
            empty_since = None
        elif empty_since is None:
            empty_since = now
        if empty_since is not None and now - empty_since >= quiet_seconds:
            return
        if now - began > seconds:
            raise DeployError(f"{number} messages are still in the queue after {seconds:g} s: do the workers run?")
        pause(min(LOOK_SECONDS, quiet_seconds))
