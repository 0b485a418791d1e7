"""What is missing is said in one line, before anything is touched."""

import subprocess
import sys
from pathlib import Path

import pytest

from deploy.terraform import ROOT

EXAMPLE = str(ROOT / "terraform/examples/dev.tfvars")
IMAGES = ",".join(["sha256:" + "1" * 64] * 3)
KEYS = '{"a-write-key-of-the-test": "ios"}'


def run(*arguments: str, path: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "deploy", *arguments],
        cwd=ROOT,
        env={"PATH": path, "AWS_EC2_METADATA_DISABLED": "true", "HOME": path, **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("command", ["up", "destroy"])
def test_without_terraform_a_line_says_so(tmp_path: Path, command: str) -> None:
    said = run(command, "dry", "--vars", EXAMPLE, path=str(tmp_path), IMAGES=IMAGES, TF_VAR_write_keys=KEYS)

    assert (said.returncode, said.stderr) == (2, "✗ terraform is not on PATH: version 1.11 or later is needed\n")


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A folder with a terraform that must not be called."""
    tool = tmp_path / "terraform"
    tool.write_text("#!/bin/sh\necho called >&2\nexit 99\n")
    tool.chmod(0o755)
    return tmp_path


@pytest.mark.parametrize(
    ("variables", "line"),
    [
        ({"IMAGES": "latest", "TF_VAR_write_keys": KEYS}, "IMAGES must be three digests"),
        ({"IMAGES": IMAGES}, "TF_VAR_write_keys must hold the write keys as JSON"),
        ({"IMAGES": IMAGES, "TF_VAR_write_keys": "ios"}, "TF_VAR_write_keys must hold the write keys as JSON"),
        ({"TF_VAR_write_keys": KEYS}, "no docker with buildx and no podman"),
        ({"IMAGES": IMAGES, "TF_VAR_write_keys": KEYS}, "AWS does not know who asks"),
    ],
    ids=["images", "no keys", "keys", "no builder", "no credentials"],
)
def test_what_is_missing_is_said_before_anything_is_touched(tools: Path, variables: dict[str, str], line: str) -> None:
    said = run("up", "dry", "--vars", EXAMPLE, path=str(tools), **variables)

    assert said.returncode == 2
    assert said.stderr.startswith(f"✗ {line}")
    assert len(said.stderr.splitlines()) == 1
    assert "called" not in said.stdout + said.stderr


def test_an_environment_without_a_file_is_refused(tools: Path) -> None:
    said = run("up", "nowhere", path=str(tools))

    assert said.returncode == 2
    assert "terraform/nowhere.tfvars: copy one of terraform/examples/" in said.stderr
