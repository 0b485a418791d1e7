"""Settings for every test."""

import os

import pytest
from hypothesis import settings

from shared import logs

settings.register_profile("touchlake", deadline=None, max_examples=60)
settings.load_profile("touchlake")
logs.configure("test", "CRITICAL")


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test sees only the TOUCHLAKE_ and AWS_ variables that it sets."""
    for name in list(os.environ):
        if name.startswith(("TOUCHLAKE_", "AWS_")) and name != "AWS_CA_BUNDLE":
            monkeypatch.delenv(name)
