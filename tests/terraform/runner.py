"""terraform as an operator runs it: the emulator is in the environment, never in the configuration."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

SOURCE = Path(__file__).parents[2] / "terraform"
DEADLINE_SECONDS = 480
CHANGES = 2
"""What `plan -detailed-exitcode` ends with when there is something to change."""


@dataclass(frozen=True)
class Terraform:
    """A copy of terraform/ with a state of its own."""

    folder: Path
    environment: dict[str, str]
    variables: tuple[str, ...] = ()

    def run(self, *arguments: str, may_fail: bool = False) -> "subprocess.CompletedProcess[str]":
        done = subprocess.run(
            ["terraform", *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=DEADLINE_SECONDS,
            check=False,
        )
        assert may_fail or done.returncode == 0, done.stdout[-4000:] + done.stderr
        return done

    def apply(self) -> None:
        self.run("apply", "-no-color", "-auto-approve", *self.variables)

    def plan(self) -> "subprocess.CompletedProcess[str]":
        return self.run("plan", "-no-color", "-detailed-exitcode", *self.variables, may_fail=True)

    def destroy(self, *, may_fail: bool = False) -> "subprocess.CompletedProcess[str]":
        return self.run("destroy", "-no-color", "-auto-approve", *self.variables, may_fail=may_fail)

    def outputs(self) -> dict[str, Any]:
        found = orjson.loads(
            subprocess.check_output(["terraform", "output", "-json"], cwd=self.folder, env=self.environment)
        )
        return {name: output["value"] for name, output in found.items()}


def copy(to: Path) -> Path:
    """Copy terraform/ without what terraform left in it."""
    return Path(shutil.copytree(SOURCE, to, ignore=shutil.ignore_patterns(".terraform", "*.tfstate*")))


def environment(endpoint: str) -> dict[str, str]:
    """Return an environment in which every AWS call goes to `endpoint`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_") and name != "TF_DATA_DIR"}
    return {
        **kept,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
