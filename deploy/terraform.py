"""terraform, for one environment: its output goes to the terminal, its data to a folder of its own."""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from deploy.digests import Digests
from deploy.environment import Environment
from deploy.errors import DeployError, NotReady

ROOT = Path(__file__).parents[1]
DATA = ROOT / ".touchlake" / "deploy"
CHANGES = 2
"""What `plan -detailed-exitcode` ends with when there is something to change."""
KEYS = "TF_VAR_write_keys"


class Terraform:
    """Every method raises DeployError when terraform ends with another status than it should."""

    def __init__(self, environment: Environment, variables: Mapping[str, str]) -> None:
        if shutil.which("terraform") is None:
            raise NotReady("terraform is not on PATH: version 1.11 or later is needed")
        if not variables.get(KEYS):
            raise NotReady(f'{KEYS} must hold the write keys as JSON, {{"a-long-random-key": "ios"}}')
        data = DATA / environment.name
        data.mkdir(parents=True, exist_ok=True)
        self._plan = data / "plan"
        self._given = f"-var-file={environment.file}"
        self._color = () if sys.stdout.isatty() else ("-no-color",)
        self._variables = {**variables, "TF_DATA_DIR": str(data), "TF_IN_AUTOMATION": "1", "TF_INPUT": "0"}

    def init(self, backend: Mapping[str, str]) -> None:
        options = (f"-backend-config={name}={value}" for name, value in backend.items())
        self._run("init", "-reconfigure", *self._color, *options)

    def plan(self, digests: Digests, *options: str) -> bool:
        """Show and keep a plan; return whether it changes anything."""
        given = ("-detailed-exitcode", *self._color, self._given, digests.as_variable(), f"-out={self._plan}")
        return self._run("plan", *given, *options, may_end_with=CHANGES) == CHANGES

    def apply_plan(self) -> None:
        self._run("apply", *self._color, str(self._plan))

    def apply(self, digests: Digests, *options: str) -> None:
        self._run("apply", "-auto-approve", *self._color, self._given, digests.as_variable(), *options)

    def destroy(self, digests: Digests, *options: str) -> None:
        self._run("destroy", "-auto-approve", *self._color, self._given, digests.as_variable(), *options)

    def manages(self, address: str) -> bool:
        """Tell whether a resource, or anything of a module, is in the state."""
        found = self._read("state", "list").splitlines()
        return any(each == address or each.startswith(f"{address}.") for each in found)

    def forget(self, address: str) -> None:
        self._run("state", "rm", address)

    def outputs(self) -> dict[str, Any]:
        """Return what the state has of the outputs: nothing before the first apply."""
        found = orjson.loads(self._read("output", "-json"))
        return {name: output["value"] for name, output in found.items()}

    def _run(self, *arguments: str, may_end_with: int = 0) -> int:
        with subprocess.Popen(["terraform", *arguments], cwd=ROOT / "terraform", env=self._variables) as running:
            status = _wait(running)
        if status not in (0, may_end_with):
            raise DeployError(f"terraform {arguments[0]} failed (status {status}): see above")
        return status

    def _read(self, *arguments: str) -> str:
        done = subprocess.run(
            ["terraform", *arguments],
            cwd=ROOT / "terraform",
            env=self._variables,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise DeployError(f"terraform {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout


def _wait(running: "subprocess.Popen[bytes]") -> int:
    """Wait through Ctrl-C: terraform gets it too, finishes what it is at, and gives the state's lock back."""
    while True:
        try:
            return running.wait()
        except KeyboardInterrupt:
            continue
