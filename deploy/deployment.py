"""A deployment: from a commit and a tfvars file to a stack that stores an event, or back to what ran before."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from deploy import account, builder, images, smoke
from deploy.digests import NONE_YET, Digests, way_back
from deploy.environment import Environment
from deploy.errors import DeployError
from deploy.images import Release
from deploy.services import Services
from deploy.terraform import Terraform
from ops.context import console
from shared import settings
from shared.settings import AwsSettings

TROUBLE = (DeployError, BotoCoreError, ClientError)


@dataclass(frozen=True)
class Wishes:
    """What the operator may decide. Without `images` they are built; without `api_url` it is terraform's."""

    confirm: Callable[[], None]
    images: Digests | None = None
    base: str | None = None
    api_url: str | None = None
    smoke_seconds: float = 600


class Deployment:
    """One run of `make deploy`. Raises DeployError, after going back where there is something to go back to."""

    def __init__(self, environment: Environment, variables: Mapping[str, str], wishes: Wishes) -> None:
        self._environment = environment
        self._wishes = wishes
        self._terraform = Terraform(environment, variables)
        self._key = smoke.write_key(variables)
        if not wishes.images:
            self._builder = builder.find()
            self._release = Release(images.commit(), environment.platform, wishes.base)
        self._aws = account.session(environment)
        self._account = account.number(self._aws)

    def run(self) -> None:
        self._prepare_state()
        self._prepare_registry()
        wanted = self._publish()
        before = self._services().running()
        changes = self._plan(wanted)
        try:
            if changes:
                self._terraform.apply_plan()
            self._wait_until_stable(wanted)
            self._test()
        except TROUBLE as failure:
            raise DeployError(f"{failure}\n{self._go_back(before, wanted)}") from failure

    def _prepare_state(self) -> None:
        step("State")
        bucket = self._environment.state_bucket(self._account)
        made = account.make_state_bucket(self._aws, bucket)
        console.print(f"{'made' if made else 'found'} s3://{bucket}", soft_wrap=True, highlight=False)
        self._terraform.init(self._environment.backend(self._account))

    def _prepare_registry(self) -> None:
        """Make the repositories ahead of the rest: terraform asks for digests, and these come from a push."""
        if self._terraform.outputs().get("repositories", {}).keys() != set(Digests._fields):
            step("Registry")
            self._terraform.apply(NONE_YET, "-target=aws_ecr_repository.this")

    def _existing_lake(self) -> tuple[str, ...]:
        """Return what lets terraform take back the lake that an earlier stack of this name left behind."""
        bucket = self._environment.lake_bucket(self._account)
        return (f"-var=existing_lake={bucket}",) if account.has_bucket(self._aws, bucket) else ()

    def _publish(self) -> Digests:
        """Return the digests to deploy: of this commit's images, unless others are wished for."""
        if self._wishes.images:
            return self._wishes.images
        step("Images")
        return images.publish(self._aws, self._builder, self._terraform.outputs()["repositories"], self._release)

    def _plan(self, wanted: Digests) -> bool:
        """Show the plan and have it confirmed; return whether there is anything to apply."""
        step(f"Plan: {wanted}")
        changes = self._terraform.plan(wanted, *self._existing_lake())
        if changes:
            self._wishes.confirm()
        return changes

    def _wait_until_stable(self, wanted: Digests) -> None:
        step("Waiting until the services are stable")
        self._services().wait_until_stable(wanted)

    def _test(self) -> None:
        outputs = self._terraform.outputs()
        url = self._wishes.api_url or outputs["api_url"]
        step(f"Smoke test: an event to {url}, and from the lake {outputs['lake_bucket']}")
        store = smoke.lake(self._aws, outputs["lake_bucket"], self._aws_settings())
        took = smoke.test(url, self._key, store, self._wishes.smoke_seconds)
        console.print(f"[green]✓[/green] deployed; the event was in the lake after {took:.1f} s", highlight=False)

    def _go_back(self, before: Digests | None, wanted: Digests) -> str:
        """Deploy the images of before, with this configuration; return what became of it."""
        to, why = way_back(before, wanted)
        if to is None:
            return why
        step(f"Failed. {why}")
        try:
            self._terraform.apply(to, *self._existing_lake())
            self._services().wait_until_stable(to)
        except TROUBLE as failure:
            return f"Going back to {to} failed as well: {failure}"
        return f"Went back to {to}: they run, and are stable."

    def _services(self) -> Services:
        return Services(self._aws, self._terraform.outputs())

    def _aws_settings(self) -> AwsSettings:
        return settings.read(AwsSettings).model_copy(update={"region": self._environment.region})


def step(title: str) -> None:
    console.print(f"\n[bold]{title}[/bold]", soft_wrap=True, highlight=False)
