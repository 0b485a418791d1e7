"""The lake as the worker writes it: read, merge, write if nobody else did meanwhile."""

import random
import threading
from typing import NamedTuple

from shared import metrics, objects
from shared.errors import Conflict, StoreUnavailable
from shared.journal import Journal
from shared.objectstore import ObjectStore
from shared.suppression import Suppression
from worker.merge import merge
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

    Rows that name an erased user are dropped. The list is asked after the object was read, so that nothing but the
    write itself lies between the answer and the write: an erasure waits as long as that may take.
    """

    def __init__(
        self,
        store: ObjectStore,
        stop: threading.Event | None = None,
        suppression: Suppression | None = None,
        journal: Journal | None = None,
    ) -> None:
        self._store = store
        self._stop = stop or threading.Event()
        self._suppression = suppression or Suppression()
        self._journal = journal or Journal(None, every_seconds=1)

    def merge(self, group: Group) -> Outcome:
        """Make a group's rows durable. Raises StoreUnavailable (try again) and CorruptObject (don't)."""
        for _ in range(MAX_CONFLICTS):
            try:
                return self._merge_once(group)
            except Conflict:
                metrics.WRITE_CONFLICTS.inc()
                self._stop.wait(random.uniform(0, CONFLICT_BACKOFF_SECONDS))
        raise StoreUnavailable(f"lost {MAX_CONFLICTS} conditional writes in a row")

    def _merge_once(self, group: Group) -> Outcome:
        stored = self._store.get(group.key)
        standing = objects.decode(group.key, stored) if stored else []
        kept = self._suppression.keep(group.rows)
        merged = merge(standing, kept)
        if merged.changed:
            data = objects.encode(merged.rows.values())
            attributes = objects.attributes(len(merged.rows))
            self._store.put(group.key, data, attributes, replaces=stored.etag if stored else None)
        suppressed = len(group.rows) - len(kept)
        if suppressed:
            metrics.ROWS_SUPPRESSED.inc(suppressed)
            self._journal.note_erased(group.key, group.rows.keys() - kept.keys())
        return Outcome(merged.added, group.received - merged.added - suppressed, merged.changed, suppressed)
