"""podman with a storage of its own: builds the images, runs them as a hardened host would, and removes what it ran."""

import os
import re
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
STORAGE = ROOT / ".touchlake" / "containers"  # kept, so that the next build finds its layers; `make clean` removes it
OWN_BASE = "localhost/touchlake-base:bookworm"
PULL_SECONDS = 120
BUILD_SECONDS = 600
RUN_SECONDS = 60


def missing() -> str | None:
    """Return why no image can be built here, or nothing."""
    absent = [name for name in ("podman", "runc") if shutil.which(name) is None]
    if absent:
        return f"no {' and no '.join(absent)} on PATH (Debian: apt-get install podman runc debootstrap)"
    return None if os.geteuid() == 0 else "podman with chroot isolation needs root"


def base() -> str | None:
    """Return the base image: python's slim one where a registry answers, else one made of Debian packages."""
    if podman("image", "exists", OWN_BASE).returncode == 0:
        return OWN_BASE
    official = f"docker.io/library/{default_base()}"
    if podman("pull", "--quiet", official, seconds=PULL_SECONDS).returncode == 0:
        return official
    return OWN_BASE if shutil.which("debootstrap") and _import_debian() else None


def default_base() -> str:
    """Return the base that the Dockerfile takes when none is named."""
    (name,) = re.findall(r"^ARG PYTHON_IMAGE=(\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    return str(name)


def build(target: str, base_image: str) -> str:
    """Build a target of the Dockerfile; return the image's name."""
    name = f"localhost/touchlake-{target}:test"
    built = podman(
        "build",
        "--isolation=chroot",
        "--format=docker",  # the other format has no HEALTHCHECK
        f"--target={target}",
        f"--build-arg=PYTHON_IMAGE={base_image}",
        "--build-arg=VERSION=test",
        *_trust(),
        f"--tag={name}",
        str(ROOT),
        seconds=BUILD_SECONDS,
    )
    assert built.returncode == 0, built.stderr[-3000:]
    return name


def podman(*arguments: str, seconds: float = RUN_SECONDS) -> "subprocess.CompletedProcess[str]":
    """Run podman; its own remarks (no systemd, for one) are left out of stderr."""
    own = [f"--root={STORAGE}/root", f"--runroot={STORAGE}/run", "--runtime=runc", "--cgroup-manager=cgroupfs"]
    command = ["podman", "--log-level=fatal", *own, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)


def _import_debian() -> bool:
    """Make a base image of Debian's own packages; it has what the Dockerfile asks of a base: python3 with venv."""
    tree = STORAGE / "debian"
    shutil.rmtree(tree, ignore_errors=True)
    tree.parent.mkdir(parents=True, exist_ok=True)
    packages = "--include=python3,python3-venv,ca-certificates"
    bootstrap = ["debootstrap", "--variant=minbase", packages, "bookworm", str(tree)]
    if subprocess.run(bootstrap, capture_output=True, timeout=BUILD_SECONDS, check=False).returncode:
        return False
    archive = STORAGE / "debian.tar"
    subprocess.run(["tar", "-C", str(tree), "-cf", str(archive), "."], timeout=RUN_SECONDS, check=True)
    shutil.rmtree(tree)
    imported = podman("import", str(archive), OWN_BASE, seconds=BUILD_SECONDS)
    archive.unlink()
    return imported.returncode == 0


def _trust() -> list[str]:
    """Let pip trust in the build whom this host trusts: a company's proxy may sign with an authority of its own."""
    bundle = "/etc/ssl/certs/ca-certificates.crt"
    return [f"--volume={bundle}:{bundle}:ro"] if Path(bundle).exists() else []
