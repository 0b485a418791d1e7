"""An environment: what its tfvars file says, and where its state lies."""

from dataclasses import dataclass
from pathlib import Path

import hcl2
from hcl2 import SerializationOptions
from lark.exceptions import LarkError

from deploy.errors import NotReady

PLAIN = SerializationOptions(strip_string_quotes=True, with_comments=False)
DEFAULT_ARCHITECTURE = "ARM64"  # as in terraform/variables.tf
PLATFORMS = {"ARM64": "linux/arm64", "X86_64": "linux/amd64"}


@dataclass(frozen=True)
class Environment:
    """One set of variables, one stack."""

    file: Path
    name: str
    region: str
    platform: str

    def state_bucket(self, account: str) -> str:
        """Return the bucket of terraform's state: the account makes its name unique."""
        return f"{self.name}-state-{account}"

    def lake_bucket(self, account: str) -> str:
        """Return the lake's bucket, as terraform/lake.tf names it."""
        return f"{self.name}-lake-{account}"

    def backend(self, account: str) -> dict[str, str]:
        """Return what `terraform init` is told."""
        return {"bucket": self.state_bucket(account), "key": "terraform.tfstate", "region": self.region}


def read(file: Path) -> Environment:
    """Read a tfvars file. Raises NotReady."""
    if not file.is_file():
        raise NotReady(f"there is no {file}: copy one of terraform/examples/ and fill it in")
    try:
        said = hcl2.loads(file.read_text(), serialization_options=PLAIN)
    except LarkError as error:
        raise NotReady(f"{file} cannot be read: {str(error).splitlines()[0]}") from None
    for required in ("name", "region"):
        if not isinstance(said.get(required), str):
            raise NotReady(f"{file} names no {required}")
    architecture = said.get("cpu_architecture", DEFAULT_ARCHITECTURE)
    if architecture not in PLATFORMS:
        raise NotReady(f"{file}: cpu_architecture must be one of {', '.join(PLATFORMS)}")
    return Environment(file.resolve(), said["name"], said["region"], PLATFORMS[architecture])
