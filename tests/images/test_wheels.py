"""The images are built without a compiler, for both kinds of processor that Fargate has."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.images import podman


@pytest.mark.parametrize("processor", ["x86_64", "aarch64"])
def test_every_locked_package_is_to_be_had_as_the_dockerfile_asks_for_it(processor: str, tmp_path: Path) -> None:
    (python,) = re.findall(r"^python:(\d+\.\d+)-slim-bookworm$", podman.default_base())
    (source_only,) = re.findall(r"--only-binary :all: --no-binary (\S+)", (podman.ROOT / "Dockerfile").read_text())
    uv = Path(sys.executable).parent / "uv"
    locked = ["--require-hashes", "--requirement", str(podman.ROOT / "requirements.lock")]
    platform = ["--python-version", python, "--python-platform", f"{processor}-manylinux_2_36"]  # bookworm's glibc
    wheels = ["--only-binary", ":all:", "--no-binary", source_only]
    looked = subprocess.run(
        [str(uv), "pip", "install", "--dry-run", "--target", str(tmp_path), *locked, *platform, *wheels],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )

    assert looked.returncode == 0, looked.stderr
    assert "Would install" in looked.stderr
