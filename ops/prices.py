"""Prices, each with its source, from `prices.toml` beside this file."""

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

FILE = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True)
class Price:
    """US dollars for `per` units; where it was read, and where AWS says it."""

    usd: float
    per: int
    unit: str
    source: str
    official: str
    primary: bool
    looked_up: date
    note: str = ""

    def of(self, units: float) -> float:
        """Return the dollars that so many units cost."""
        return units * self.usd / self.per


PRICES = {name: Price(**entry) for name, entry in tomllib.loads(FILE.read_text()).items()}


def dollars(name: str, units: float) -> float:
    """Return what so many units of a price cost. Raises KeyError for one that isn't in the file."""
    return PRICES[name].of(units)
