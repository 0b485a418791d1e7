"""`ops up`: the stack on this machine, until Ctrl-C."""

import signal
import threading
from pathlib import Path
from typing import Annotated

import typer

from ops import local, stack
from ops.context import console, errors
from ops.stack import StackError

KEY = "dev-key"
HOME = Path(".touchlake/up")


def up(
    workers: Annotated[int, typer.Option(min=1)] = 2,
    port: Annotated[int, typer.Option(min=1)] = 8000,
    flush_seconds: Annotated[float, typer.Option(min=0.1)] = 10,
) -> None:
    """Run one API and some workers against LocalStack; print the addresses, and stop at Ctrl-C."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    made = local.provision("touchlake")
    settings = {"TOUCHLAKE_WRITE_KEYS": f"{KEY}:dev", "TOUCHLAKE_WORKER_FLUSH_SECONDS": str(flush_seconds)}
    try:
        with stack.run(made, settings, HOME / "logs", workers=workers, port=port) as running:
            _show(running.api_url, running.metrics_urls, made, flush_seconds)
            while not stop.wait(1):
                running.check()
    except StackError as error:
        errors.print(f"[red]✗[/red] {error}", soft_wrap=True, highlight=False)
        raise typer.Exit(1) from None


def _show(api_url: str, metrics_urls: list[str], made: local.Provision, flush_seconds: float) -> None:
    lines = {
        "API": api_url,
        "write key": KEY,
        "try it": f"{api_url}/docs",
        "API metrics": f"{api_url}/metrics",
        **{f"worker {number} metrics": url for number, url in enumerate(metrics_urls)},
        "queue": made.queue_url,
        "dead-letter queue": made.dead_letter_url,
        "lake": f"s3://{made.bucket} on {local.environment()['AWS_ENDPOINT_URL']}, window {flush_seconds:g} s",
        "logs": str(HOME / "logs"),
    }
    console.print("Touchlake is up; Ctrl-C stops it\n", style="bold")
    for name, value in lines.items():
        console.print(f"  {name:<18} {value}", soft_wrap=True, highlight=False)
    console.print(
        f"\ncurl -H 'Authorization: Bearer {KEY}' -H 'Content-Type: application/json' {api_url}/v1/events "
        """-d '{"userId": "bt_1", "event": "touch_sent"}'""",
        soft_wrap=True,
        highlight=False,
        markup=False,
    )
