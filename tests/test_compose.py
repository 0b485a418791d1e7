"""The compose files: what they name exists, what they set is read, and nothing is open that need not be."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from shared import settings
from shared.settings import ApiSettings, LogSettings, WorkerSettings

ROOT = Path(__file__).parents[1]
FILES = ("docker-compose.localstack.yml", "docker-compose.tls.yml")
OURS: dict[str, type[LogSettings]] = {"api": ApiSettings, "worker": WorkerSettings}


def example() -> dict[str, str]:
    """Return the .env that docs/tls.md shows."""
    (block,) = re.findall(r"cat > \.env <<'END'\n(.*?)\nEND\n", (ROOT / "docs/tls.md").read_text(), re.DOTALL)
    return dict(line.split("=", 1) for line in block.splitlines())


def services(file: str) -> dict[str, Any]:
    """Read a compose file with the values of the example in it."""
    values = example()

    def fill(match: re.Match[str]) -> str:
        name, kind, text = match.groups()
        assert name in values or kind == ":-", f"{name} is required, and the example lacks it"
        return values.get(name, text)

    found: dict[str, Any] = yaml.safe_load(re.sub(r"\$\{(\w+)(:-|:\?)([^}]*)\}", fill, (ROOT / file).read_text()))
    return {name: dict(service) for name, service in found["services"].items()}


def environment(service: dict[str, Any]) -> dict[str, str]:
    return {**(example() if service.get("env_file") == ".env" else {}), **service.get("environment", {})}


@pytest.mark.parametrize("file", FILES)
def test_every_target_is_one_of_the_dockerfile(file: str) -> None:
    targets = set(re.findall(r"^FROM \S+ AS (\w+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE))
    built = {service["build"]["target"] for service in services(file).values() if "build" in service}

    assert {"api", "worker"} <= built <= targets


@pytest.mark.parametrize("file", FILES)
def test_every_process_starts_with_what_it_is_given(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for service in services(file).values():
        if kind := OURS.get(service.get("build", {}).get("target")):
            with monkeypatch.context() as process:
                for name, value in environment(service).items():
                    process.setenv(name, value)
                settings.read(kind)
        assert settings.unknown_names(environment(service)) == []


@pytest.mark.parametrize("file", FILES)
def test_our_containers_cannot_write_and_hold_no_capabilities(file: str) -> None:
    for service in services(file).values():
        if "build" in service:
            assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
            assert service["security_opt"] == ["no-new-privileges"]


def test_localstack_is_reached_from_this_host_alone() -> None:
    published = [port for service in services(FILES[0]).values() for port in service.get("ports", [])]

    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_only_caddy_is_reached_from_outside_and_the_api_trusts_it_alone() -> None:
    found = services(FILES[1])
    published = {name: service["ports"] for name, service in found.items() if "ports" in service}

    assert published == {"caddy": ["80:80", "443:443", "443:443/udp"]}
    assert environment(found["api"])["TOUCHLAKE_API_TRUSTED_PROXIES"] == "1"


@pytest.mark.parametrize("file", FILES)
def test_docker_compose_takes_the_file(file: str, tmp_path: Path) -> None:
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("docker compose is not on this machine: the compose files are read as YAML alone")
    shutil.copy(ROOT / file, tmp_path)
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in example().items()))
    checked = subprocess.run(
        [docker, "compose", "--file", file, "config", "--quiet"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert checked.returncode == 0, checked.stderr
