"""The journal: what this process did that the ledger is to know, written down every so often."""

import secrets
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from shared import ledger, logs, metrics
from shared.errors import Conflict, StoreUnavailable
from shared.ledger import Marks
from shared.objectstore import ObjectStore
from shared.rows import Row

MAX_BYTES = 32 * 2**20
"""Marks kept while S3 is away, four million events; past it they are dropped, and those events stand uncounted."""


class Journal:
    """One per process; without a bucket it keeps nothing. Thread-safe.

    A process that is killed loses what it noted since its last entry. Those events are in the queue all the same, and
    the ledger shows them as stored and uncounted.
    """

    def __init__(self, store: ObjectStore | None, *, every_seconds: float, max_bytes: int = MAX_BYTES) -> None:
        self._store = store
        self._max_bytes = max_bytes
        self._every_seconds = every_seconds
        self._writer = secrets.token_hex(8)
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._open: Marks = {}
        self._size = 0
        self._sealed: dict[str, bytes] = {}
        """Entries that are to be written, by key. They keep key and bytes until they are, so none is written twice."""

    def note_accepted(self, rows: Iterable[Row]) -> None:
        """Note rows that SQS has confirmed."""
        if self._store is None:
            return
        marks: Marks = defaultdict(bytearray)
        for row in rows:
            marks[ledger.cell(row)] += ledger.mark(row.key, row.id)
        self._note(marks)

    def note_erased(self, key: str, ids: Iterable[str]) -> None:
        """Note rows of an object that are kept no longer, or never were, since their user was erased."""
        if self._store is not None:
            self._note({ledger.erased_cell(key): bytearray(b"".join(ledger.mark(key, name) for name in ids))})

    @contextmanager
    def kept_written(self) -> Iterator[None]:
        """Write now and again, in a thread, and once more when the block has ended."""
        done = threading.Event()
        writing = threading.Thread(target=self._write_until, args=[done], name="journal", daemon=True)
        writing.start()
        try:
            yield
        finally:
            done.set()
            writing.join()

    def write(self) -> None:
        """Write what was noted since the last time; while S3 is away, keep it for the next."""
        if self._store is not None:
            self._write(self._store)

    def _note(self, marks: Marks) -> None:
        with self._lock:
            for cell, content in marks.items():
                taken = content[: max(0, self._max_bytes - self._size)]
                self._open.setdefault(cell, bytearray()).extend(taken)
                self._size += len(taken)
                metrics.EVENTS_UNCOUNTED.inc((len(content) - len(taken)) // ledger.MARK_BYTES)

    def _write_until(self, done: threading.Event) -> None:
        while not done.wait(self._every_seconds):
            self.write()
        self.write()

    def _write(self, store: ObjectStore) -> None:
        with self._writing:
            self._seal()
            for key, data in list(self._sealed.items()):
                try:
                    store.put(key, data, ledger.ATTRIBUTES, replaces=None)
                except StoreUnavailable as error:
                    logs.get().warning("ledger_not_written", entries=len(self._sealed), error=str(error))
                    return
                except Conflict:  # an earlier try did arrive: keys are this process's own
                    pass
                del self._sealed[key]
            with self._lock:
                self._size = sum(map(len, self._open.values()))

    def _seal(self) -> None:
        with self._lock:
            marks, self._open = self._open, {}
        now = datetime.now(UTC)
        for folder, part in ledger.by_folder(marks, now.date()).items():
            self._sealed[ledger.key(folder, now, self._writer)] = ledger.encode(part)
