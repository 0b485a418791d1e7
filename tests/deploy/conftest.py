"""`make deploy` and `make destroy` as an operator runs them, against a moto server; API and worker beside it."""

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from deploy.digests import Digests
from deploy.terraform import DATA, ROOT
from ops import stack
from ops.stack import Process
from tests.deploy.ports import free_port
from tests.factories import wait_until
from tests.terraform import runner
from tests.terraform.conftest import QUICK, WRITE_KEY, Deployment
from tests.terraform.runner import Terraform

NAME = "touchlake-dry"
ACCOUNT = "123456789012"  # moto's
FIRST = Digests("sha256:" + "1" * 64, "sha256:" + "2" * 64, "sha256:" + "3" * 64)
SECOND = Digests("sha256:" + "4" * 64, "sha256:" + "5" * 64, "sha256:" + "6" * 64)
SECONDS = 420
CHANGED = {"name": NAME, "region": "us-east-1", "deletion_protection": True, "aws_max_retries": 2}


@dataclass
class Command:
    """A running `make`, its output in a file."""

    popen: "subprocess.Popen[bytes]"
    log: Path

    def says(self, text: str) -> None:
        """Wait until it has printed this."""
        wait_until(lambda: text in self.output() or self.popen.poll() is not None, f"it says {text!r}", SECONDS)
        assert text in self.output(), self.output()[-4000:]

    def ends_with(self, status: int) -> str:
        """Wait for its end; return what it printed."""
        assert self.popen.wait(SECONDS) == status, self.output()[-4000:]
        return self.output()

    def output(self) -> str:
        return self.log.read_text()


@dataclass
class Operator:
    """Somebody with a checkout, a tfvars file and credentials."""

    folder: Path
    moto: str
    variables: Path
    port: int = field(default_factory=free_port)
    logs: int = 0

    def start(self, target: str, write_key: str = WRITE_KEY, **options: str) -> Command:
        self.logs += 1
        log = self.folder / f"{self.logs}-{target}.log"
        given = {"ENV": "dry", "VARS": str(self.variables), "API_URL": f"http://127.0.0.1:{self.port}", **options}
        command = ["make", "--no-print-directory", target, *(f"{name}={value}" for name, value in given.items())]
        with log.open("wb") as out:
            popen = subprocess.Popen(
                command, cwd=ROOT, env=self.environment(write_key), stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )
        return Command(popen, log)

    def deploy(self, digests: Digests, write_key: str = WRITE_KEY) -> Command:
        return self.start("deploy", write_key, IMAGES=",".join(digests), CONFIRM="yes")

    def environment(self, write_key: str = WRITE_KEY) -> dict[str, str]:
        return {**runner.environment(self.moto), "TF_VAR_write_keys": f'{{"{write_key}": "smoke"}}'}

    def made(self) -> Deployment:
        terraform = Terraform(ROOT / "terraform", {**self.environment(), "TF_DATA_DIR": str(DATA / NAME)})
        return Deployment(self.moto, terraform, terraform.outputs())


@dataclass(frozen=True)
class Deployed:
    """The stack after the first deployment, and what that printed."""

    operator: Operator
    made: Deployment
    worker: Process
    output: str


@pytest.fixture(scope="session")
def operator(moto: str, tmp_path_factory: pytest.TempPathFactory) -> Operator:
    folder = tmp_path_factory.mktemp("operator")
    made = Deployment(moto, Terraform(folder, {}), {})
    zone = made.client("route53").create_hosted_zone(Name="example.com", CallerReference="dry")["HostedZone"]["Id"]
    file = folder / "dry.tfvars"
    file.write_text(variables(zone_id=zone.rpartition("/")[2], **CHANGED))
    return Operator(folder, moto, file)


@pytest.fixture(scope="session")
def deployed(operator: Operator) -> Iterator[Deployed]:
    """Deployed from nothing. API and worker start when their queue is there, as tasks would on ECS."""
    deploy = operator.deploy(FIRST)
    with ExitStack() as running:
        running.callback(end, deploy)
        deploy.says("Smoke test")
        made = operator.made()
        worker = stack.start("worker", "worker", settings(made, "worker"), operator.folder)
        running.callback(stack.stop_if_running, worker)
        api = stack.start(
            "api", "api", settings(made, "api") | {"TOUCHLAKE_API_PORT": str(operator.port)}, operator.folder
        )
        running.callback(stack.stop_if_running, api)
        yield Deployed(operator, made, worker, deploy.ends_with(0))


def variables(**changed: object) -> str:
    """Return the small example with other values."""
    text = (ROOT / "terraform/examples/dev.tfvars").read_text()
    for name, value in changed.items():
        written = str(value).lower() if isinstance(value, (bool, int)) else f'"{value}"'
        text = re.sub(rf"^{name}\b.*\n", "", text, flags=re.MULTILINE) + f"{name} = {written}\n"
    return text


def settings(made: Deployment, service: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        **made.environment(service),
        **QUICK,
        "AWS_ENDPOINT_URL": made.url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }


def end(command: Command) -> None:
    if command.popen.poll() is None:
        command.popen.terminate()
        command.popen.wait(60)
