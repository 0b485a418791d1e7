"""How every process begins: settings, or one line that says why not; then the log."""

import gc
import sys
from collections.abc import Mapping
from typing import TypeVar

from shared import logs, settings
from shared.errors import SettingsError
from shared.settings import AwsSettings, LogSettings

L = TypeVar("L", bound=LogSettings)
YOUNG_OBJECTS = 50_000
"""Objects made and not let go before the garbage collector looks. Python says 700: the making of a few events."""
WRONG_SETTINGS = 2


def begin(service: str, kind: type[L], environment: Mapping[str, str]) -> tuple[L, AwsSettings]:
    """Read a process's settings and AWS's, and configure its log. Exits with status 2 when one is missing or wrong."""
    try:
        mine, of_aws = settings.read(kind), settings.read(AwsSettings)
    except SettingsError as error:
        print(f"touchlake {service}: {error}", file=sys.stderr)  # noqa: T201  # before there is a log
        raise SystemExit(WRONG_SETTINGS) from None
    logs.configure(service, mine.log_level)
    if remarks := settings.unknown_names(environment):
        logs.get().warning("unknown_settings", remarks=remarks)
    return mine, of_aws


def collect_rarely() -> None:
    """Have the garbage collector look seldom, and never at what stands now: rows are many, and in no cycles."""
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 20, 50)
