"""The comparison of what was accepted with what is stored. Pure: marks and rows in, an account out."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

from shared import ledger
from shared.ledger import Cell
from shared.rows import Row


class Line(NamedTuple):
    """The account of one cell, in events: accepted + uncounted = stored + duplicate + erased + in flight + missing.

    `duplicate` came again and stands once, maybe in another hour; `erased` was taken out on purpose; `in_flight` was
    accepted just now and isn't stored yet; `missing` was accepted and is nowhere; `uncounted` is stored and in no
    entry: another producer's, or of an API that was killed.
    """

    cell: Cell
    accepted: int
    stored: int
    duplicate: int
    erased: int
    in_flight: int
    missing: int
    uncounted: int


@dataclass
class Account:
    """A day's marks, gathered cell by cell."""

    accepted: dict[Cell, Counter[bytes]] = field(default_factory=dict)
    stored: dict[Cell, set[bytes]] = field(default_factory=dict)
    erased: set[bytes] = field(default_factory=set)
    young: set[bytes] = field(default_factory=set)

    def add_entry(self, cell: Cell, marks: bytes, *, is_young: bool = False) -> None:
        """Add a cell of an entry; what is young may still be in the queue."""
        if is_young:
            self.young.update(ledger.each(marks))
        if cell.kind == "erased":
            self.erased.update(ledger.each(marks))
        else:
            self.accepted.setdefault(cell, Counter()).update(ledger.each(marks))

    def add_rows(self, rows: Iterable[Row]) -> None:
        for row in rows:
            self.stored.setdefault(ledger.cell(row), set()).add(ledger.mark(row.key, row.id))

    def lines(self) -> Iterator[Line]:
        """Yield the account of each cell, in order."""
        everywhere = set(chain.from_iterable(self.stored.values()))
        for cell in sorted(self.accepted.keys() | self.stored.keys()):
            accepted, stored = self.accepted.get(cell, Counter()), self.stored.get(cell, set())
            gone = accepted.keys() - everywhere
            erased = gone & self.erased
            in_flight = (gone & self.young) - erased
            here = len(stored & accepted.keys())
            yield Line(
                cell,
                accepted=accepted.total(),
                stored=len(stored),
                duplicate=accepted.total() - here - len(gone),
                erased=len(erased),
                in_flight=len(in_flight),
                missing=len(gone - erased - in_flight),
                uncounted=len(stored) - here,
            )
