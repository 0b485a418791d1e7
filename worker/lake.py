"""The lake as the worker writes it: read or guess, merge, write if nobody else did meanwhile."""

import random
import threading
from collections.abc import Mapping
from typing import NamedTuple

from shared import metrics, objects
from shared.errors import Conflict, StoreUnavailable
from shared.journal import Journal
from shared.objectstore import ObjectStore, Stored
from shared.rows import Row
from shared.suppression import Suppression
from worker.merge import merge
from worker.recent import Recent
from worker.window import Group

MAX_CONFLICTS = 20
CONFLICT_BACKOFF_SECONDS = 0.05


class Outcome(NamedTuple):
    """What a merge did: rows that are new, that were there already, that were dropped; whether anything was written."""

    added: int
    duplicates: int
    written: bool
    suppressed: int = 0


class Lake:
    """Merges groups into their objects. Thread-safe.

    Rows that name an erased user are dropped. The list is asked right before the write, so that nothing but the write
    itself lies between the answer and the write: an erasure waits as long as that may take.
    """

    def __init__(
        self,
        store: ObjectStore,
        stop: threading.Event | None = None,
        suppression: Suppression | None = None,
        journal: Journal | None = None,
        recent: Recent | None = None,
    ) -> None:
        self._store = store
        self._stop = stop or threading.Event()
        self._suppression = suppression or Suppression()
        self._journal = journal or Journal(None, every_seconds=1)
        self._recent = recent or Recent(0)

    def merge(self, group: Group) -> Outcome:
        """Make a group's rows durable. Raises StoreUnavailable (try again) and CorruptObject (don't)."""
        outcome = self._merge_by_guess(group) if self._recent.is_trusted(group.key) else None
        if outcome:
            return outcome
        for _ in range(MAX_CONFLICTS):
            try:
                return self._merge_into(group, self._read(group.key))
            except Conflict:
                metrics.WRITE_CONFLICTS.inc()
                self._stop.wait(random.uniform(0, CONFLICT_BACKOFF_SECONDS))
        raise StoreUnavailable(f"lost {MAX_CONFLICTS} conditional writes in a row")

    def _merge_by_guess(self, group: Group) -> Outcome | None:
        """Merge into what presumably stands there; return None when that was wrong, or no write has proved it right."""
        guess = self._recent.guess(group.key)
        try:
            outcome = self._merge_into(group, guess)
        except Conflict:
            metrics.WRONG_GUESSES.inc()
            self._recent.note(guess, was_right=False)
            return None
        if not outcome.written:
            return None
        metrics.RIGHT_GUESSES.inc()
        self._recent.note(guess, was_right=True)
        return outcome

    def _read(self, key: str) -> Stored | None:
        stored, guess = self._store.get(key), self._recent.guess(key)
        self._recent.note(guess, was_right=(stored and stored.etag) == (guess and guess.etag))
        return stored

    def _merge_into(self, group: Group, stored: Stored | None) -> Outcome:
        standing = objects.decode(group.key, stored) if stored else []
        kept = self._suppression.keep(group.rows)
        merged = merge(standing, kept)
        if merged.changed:
            self._write(group.key, merged.rows, replaces=stored)
        suppressed = len(group.rows) - len(kept)
        if suppressed:
            metrics.ROWS_SUPPRESSED.inc(suppressed)
            self._journal.note_erased(group.key, group.rows.keys() - kept.keys())
        return Outcome(merged.added, group.received - merged.added - suppressed, merged.changed, suppressed)

    def _write(self, key: str, rows: Mapping[str, Row], replaces: Stored | None) -> None:
        data, attributes = objects.encode(rows.values()), objects.attributes(len(rows))
        self._recent.forget(key)  # until it is known what became of the write
        etag = self._store.put(key, data, attributes, replaces=replaces.etag if replaces else None)
        self._recent.remember(key, Stored(data, etag, attributes))
