"""What a test of the SDKs makes on this machine."""

import shutil
import subprocess
from pathlib import Path

import pytest

CLIENTS = Path(__file__).parents[1] / "clients"


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """The Node SDKs, installed as package-lock.json says."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not on this machine: the Node SDKs are not tested")
    modules = CLIENTS / "node_modules"
    lock, installed = CLIENTS / "package-lock.json", modules / "installed.lock"
    if not installed.exists() or installed.read_bytes() != lock.read_bytes():
        subprocess.run(
            [npm, "install", "--no-save", "--ignore-scripts", "--silent", "--no-audit", "--no-fund"],
            cwd=CLIENTS,
            check=True,
            timeout=300,
        )
        shutil.copy(lock, installed)
    return modules
