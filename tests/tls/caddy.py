"""Caddy processes on loopback: an ACME server, and our Caddyfile, which asks it for certificates."""

import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from ops import stack

CADDY = Path(sys.executable).parent / "caddy"
CADDYFILE = Path(__file__).parents[2] / "Caddyfile"
HOST = "events.touchlake.test"
BODY_SECONDS = 4
CERTIFICATE_SECONDS = 30
STOP_SECONDS = 20


@dataclass(frozen=True)
class Site:
    """Where our Caddyfile serves HOST, and whom a client has to trust."""

    http_port: int
    https_port: int
    root: Path

    @property
    def context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.root))

    def client(self, *, http2: bool = False) -> httpx.Client:
        """Return a client that finds HOST on loopback, as DNS would, and checks its certificate."""
        return httpx.Client(
            base_url=f"https://127.0.0.1:{self.https_port}",
            headers={"Host": HOST},
            event_hooks={"request": [lambda request: request.extensions.update(sni_hostname=HOST)]},
            http1=not http2,
            http2=http2,
            verify=self.context,
            timeout=30,
        )

    def connect(self, protocol: str = "http/1.1") -> ssl.SSLSocket:
        """Open a connection for bytes that no client would send."""
        context = self.context
        context.set_alpn_protocols([protocol])
        raw = socket.create_connection(("127.0.0.1", self.https_port), timeout=30)
        return context.wrap_socket(raw, server_hostname=HOST)


@contextmanager
def site(api_address: str, folder: Path) -> Iterator[Site]:
    """Serve HOST with the Caddyfile as it stands, once it has a certificate."""
    http_port, https_port = _free_port(), _free_port()
    with _authority(http_port, folder / "authority") as (directory, root):
        made = Site(http_port, https_port, root)
        environment = {
            "PUBLIC_HOST": HOST,
            "API_ADDRESS": api_address,
            "ACME_CA": directory,
            "SSL_CERT_FILE": str(root),
            "BODY_TIMEOUT": f"{BODY_SECONDS}s",
            # Renewed some seconds after it was given, where production takes a third of its life.
            "CADDY_GLOBAL_OPTIONS": f"""
                http_port {http_port}
                https_port {https_port}
                default_bind 127.0.0.1
                renew_interval 1s
                renewal_window_ratio 0.8
            """,
        }
        with _running(CADDYFILE, folder / "site", environment) as log:
            stack.wait_for(lambda: _shakes_hands(made), CERTIFICATE_SECONDS, f"no certificate: see {log}")
            yield made


@contextmanager
def _authority(challenge_port: int, folder: Path) -> Iterator[tuple[str, Path]]:
    """Run the ACME server; yield its directory and its root certificate.

    It asks port 80 of a name for the answer to its challenge. The proxy leads that to a port that needs no root.
    """
    port = _free_port()
    environment = {"AUTHORITY_PORT": str(port), "HTTP_PROXY": f"http://127.0.0.1:{challenge_port}"}
    root = folder / "caddy/pki/authorities/local/root.crt"
    directory = f"https://localhost:{port}/acme/local/directory"
    with _running(Path(__file__).with_name("authority.Caddyfile"), folder, environment) as log:
        stack.wait_for(lambda: root.exists() and _answers(directory, root), CERTIFICATE_SECONDS, f"no CA: see {log}")
        yield directory, root


@contextmanager
def _running(caddyfile: Path, folder: Path, environment: dict[str, str]) -> Iterator[Path]:
    """Run Caddy on a Caddyfile; yield its log. What it keeps goes into the folder."""
    folder.mkdir()
    homes = {"XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    log = folder / "log"
    command: list[str | Path] = [CADDY, "run", "--config", caddyfile, "--adapter", "caddyfile"]
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=environment | homes, stdout=out, stderr=out)
    try:
        yield log
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        finally:
            process.kill()


def _answers(url: str, root: Path) -> bool:
    try:
        return httpx.get(url, verify=ssl.create_default_context(cafile=str(root)), timeout=5).is_success
    except httpx.TransportError:
        return False


def _shakes_hands(made: Site) -> bool:
    try:
        made.connect().close()
    except OSError:
        return False
    return True


def _free_port() -> int:
    """Return a port of loopback that is free for TCP and for UDP, as HTTP/3 needs."""
    with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
        tcp.bind(("127.0.0.1", 0))
        port = int(tcp.getsockname()[1])
        udp.bind(("127.0.0.1", port))
    return port
