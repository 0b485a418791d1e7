"""The lake as the worker writes it: read, merge, write if nobody else did meanwhile."""

import random
import threading
from typing import NamedTuple

from shared import metrics, objects
from shared.errors import Conflict, StoreUnavailable
from shared.objectstore import ObjectStore
from worker.merge import merge
from worker.window import Group

MAX_CONFLICTS = 20
CONFLICT_BACKOFF_SECONDS = 0.05


class Outcome(NamedTuple):
    """What a merge did: rows that are new, rows that were there already, and whether anything was written."""

    added: int
    duplicates: int
    written: bool


class Lake:
    """Merges groups into their objects. Thread-safe."""

    def __init__(self, store: ObjectStore, stop: threading.Event | None = None) -> None:
        self._store = store
        self._stop = stop or threading.Event()

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
        merged = merge(standing, group.rows)
        if merged.changed:
            data = objects.encode(merged.rows.values())
            attributes = objects.attributes(len(merged.rows))
            self._store.put(group.key, data, attributes, replaces=stored.etag if stored else None)
        return Outcome(merged.added, group.received - merged.added, merged.changed)
