"""`ops generate`: sample events."""

from datetime import datetime, time
from typing import Annotated

import orjson
import typer

from ops import generator

DEFAULT_UNTIL = datetime.combine(generator.DEFAULT_UNTIL, time())


def generate(
    users: Annotated[int, typer.Option(min=1)] = 300,
    days: Annotated[int, typer.Option(min=1)] = 28,
    seed: Annotated[int, typer.Option(help="the same seed gives the same events")] = 1,
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="the last day")] = DEFAULT_UNTIL,
) -> None:
    """Print events of made-up Bond Touch users as JSON lines, for `ops send`."""
    for event in generator.generate(users=users, days=days, seed=seed, until=until.date()):
        print(orjson.dumps(event).decode())
