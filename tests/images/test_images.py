"""The images as they are built, and what runs in them."""

import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import httpx
import orjson
import pytest

from ops import local
from tests.factories import make_event, wait_until
from tests.images import container
from tests.images.podman import podman
from tests.integration.lab import KEY, Lab

PROCESSES = ("api", "worker")
TARGETS = (*PROCESSES, "ops")
USER = "10001:10001"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def api_settings() -> dict[str, object]:
    return {
        "TOUCHLAKE_API_HOST": "127.0.0.1",
        "TOUCHLAKE_API_PORT": free_port(),
        "TOUCHLAKE_QUEUE_URL": "http://127.0.0.1:9/000000000000/events",
        "TOUCHLAKE_WRITE_KEYS": f"{KEY}:test",
    }


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    try:
        urllib.request.urlopen(f"{local.environment()['AWS_ENDPOINT_URL']}/_localstack/health", timeout=5).close()
    except OSError as error:
        pytest.skip(f"LocalStack does not answer ({error}): make localstack")
    made = Lab(tmp_path)
    yield made
    made.close()


def test_the_api_serves_without_root_on_a_root_file_system_that_cannot_be_written(
    images: dict[str, str], api_settings: dict[str, object]
) -> None:
    with container.running(images["api"], api_settings) as api:
        url = f"http://127.0.0.1:{api_settings['TOUCHLAKE_API_PORT']}/healthz"
        wait_until(lambda: answers(url), f"/healthz answers: {api.log()}", 30)

        assert api.is_healthy()
        assert api.execute("id", "-u").stdout.strip() == "10001"
        for path in ("/touchlake/x", "/tmp/x", "/venv/x"):
            refused = api.execute("python", "-c", f"open({path!r}, 'w')")
            assert "Read-only file system" in refused.stderr
        assert api.stop() == 0
        assert '"event": "draining"' in api.log()


@pytest.mark.parametrize("process", PROCESSES)
def test_a_process_without_settings_says_so_in_one_line(images: dict[str, str], process: str) -> None:
    refused = container.run(images[process])

    assert refused.returncode == 2
    (line,) = refused.stderr.splitlines()
    assert line.startswith(f"touchlake {process}: ")
    assert "TOUCHLAKE_QUEUE_URL is missing" in line


@pytest.mark.parametrize("process", TARGETS)
def test_an_image_holds_what_its_process_needs_and_nothing_to_build_with(images: dict[str, str], process: str) -> None:
    tree = container.run(images[process], "ls", "/touchlake").stdout.split()
    tools = container.run(images[process], "sh", "-c", "command -v cc gcc g++ clang make ld pip")
    modules = container.run(images[process], "python", "-c", "import pip")

    assert sorted(tree) == sorted([process, "shared"])
    assert tools.stdout == ""
    assert "No module named 'pip'" in modules.stderr


@pytest.mark.parametrize("process", TARGETS)
def test_an_image_says_what_it_is(images: dict[str, str], process: str) -> None:
    (image,) = orjson.loads(podman("image", "inspect", images[process]).stdout)

    assert image["Config"]["User"] == USER
    assert image["Config"]["Entrypoint"] == ["python", "-m", process]
    assert ("Healthcheck" in image) == (process in PROCESSES)
    labels = {name.removeprefix("org.opencontainers.image."): text for name, text in image["Config"]["Labels"].items()}
    assert labels["title"] == "Touchlake"
    assert all(labels[name] for name in ("version", "revision", "base.name"))  # a cached layer may be of another build


@pytest.mark.localstack
def test_an_event_goes_through_the_images_into_the_lake_and_the_ledger_finds_it(
    images: dict[str, str], api_settings: dict[str, object], lab: Lab
) -> None:
    made = {
        **local.environment(),
        "TOUCHLAKE_QUEUE_URL": lab.made.queue_url,
        "TOUCHLAKE_LAKE_BUCKET": lab.made.bucket,
        "TOUCHLAKE_WORKER_FLUSH_SECONDS": "0.3",
        "TOUCHLAKE_WORKER_POLL_SECONDS": "1",
        "TOUCHLAKE_WORKER_METRICS_HOST": "127.0.0.1",
        "TOUCHLAKE_WORKER_METRICS_PORT": free_port(),
    }
    url = f"http://127.0.0.1:{api_settings['TOUCHLAKE_API_PORT']}"
    with (
        container.running(images["api"], api_settings | made) as api,
        container.running(images["worker"], made) as worker,
    ):
        wait_until(lambda: answers(f"{url}/readyz"), f"the API is ready: {api.log()}", 30)
        answer = httpx.post(
            f"{url}/v1/events",
            json=make_event(messageId="through-images"),
            headers={"Authorization": f"Bearer {KEY}"},
            timeout=30,
        )
        assert answer.status_code == 202
        lab.wait_until_done()

        assert worker.is_healthy()
        assert (worker.stop(), api.stop()) == (0, 0)
    lab.assert_once("through-images")
    checked = container.run_with(made, images["ops"], "ledger", "--log", "--date=2026-11-22")
    line = orjson.loads(checked.stderr)
    assert (line["event"], line["accepted"], line["stored"]) == ("ledger_ok", 1, 1)


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).is_success
    except httpx.TransportError:
        return False
