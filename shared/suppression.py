"""The suppression list: users who were erased, and whose late events must not bring them back.

An object of the lake's bucket, one id a line, of users and anonymous visitors alike; an id that holds a line break
or begins with a double quote stands as a JSON string. The API refuses the events of who is on it, and a worker drops
their rows when it writes: so rows that were in the queue when a user was erased don't come back either.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import orjson

from shared import logs, owners
from shared.errors import Conflict, CorruptObject, StoreUnavailable
from shared.objectstore import ObjectStore
from shared.rows import Row

REREAD_SECONDS = 30
MAX_AGE_SECONDS = 60
"""A worker writes nothing with a list that was read longer ago: so an id on it counts for every write after that."""
_MAX_CONFLICTS = 20
_ATTRIBUTES = {"Content-Type": "text/plain; charset=utf-8"}


class Suppression:
    """The list as one process knows it; without a key, an empty one. Thread-safe."""

    def __init__(
        self,
        store: ObjectStore | None = None,
        key: str | None = None,
        *,
        reread_seconds: float = REREAD_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._key = key
        self._reread_seconds = reread_seconds
        self._clock = clock
        self._users: frozenset[str] = frozenset()
        self._read_at = float("-inf")

    def covers(self, user_id: str | None) -> bool:
        """Tell whether an id is on the list as last read."""
        return user_id in self._users

    def keep(self, content: Mapping[str, Row]) -> Mapping[str, Row]:
        """Return the rows that name nobody on the list. Raises StoreUnavailable when it was read too long ago."""
        if self._key is None:
            return content
        age = self._clock() - self._read_at
        if age > MAX_AGE_SECONDS:
            raise StoreUnavailable(f"the suppression list {self._key} was not read in the last {MAX_AGE_SECONDS} s")
        if not self._users:
            return content
        return {name: row for name, row in content.items() if self._users.isdisjoint(owners.of(row.line))}

    def load(self) -> None:
        """Read the list. Raises StoreUnavailable, and CorruptObject when it is not UTF-8."""
        if self._store is None or self._key is None:
            return
        began = self._clock()
        self._users = frozenset(read(self._store, self._key))
        self._read_at = began

    @contextmanager
    def kept_fresh(self) -> Iterator[None]:
        """Read the list now and again, in a thread, until the block ends; while that fails, the last list counts."""
        done = threading.Event()
        if self._key is not None:
            threading.Thread(target=self._reread, args=[done], name="suppression", daemon=True).start()
        try:
            yield
        finally:
            done.set()

    def _reread(self, done: threading.Event) -> None:
        pause = 0.0
        while not done.wait(pause):
            pause = self._reread_seconds
            try:
                self.load()
            except (StoreUnavailable, CorruptObject) as error:
                pause = self._reread_seconds / 3
                logs.get().warning("suppression_list_not_read", error=str(error))


def read(store: ObjectStore, key: str) -> set[str]:
    """Return the ids of a list; none where there is no such object. Raises StoreUnavailable, CorruptObject."""
    stored = store.get(key)
    return _parse(key, stored.data) if stored else set()


def add(store: ObjectStore, key: str, user_id: str) -> bool:
    """Put an id on a list; return whether it was new there. Two who add at once lose neither.

    Raises StoreUnavailable, CorruptObject.
    """
    for _ in range(_MAX_CONFLICTS):
        stored = store.get(key)
        data = stored.data if stored else b""
        if user_id in _parse(key, data):
            return False
        gap = b"" if not data or data.endswith(b"\n") else b"\n"
        try:
            store.put(key, data + gap + _line(user_id), _ATTRIBUTES, replaces=stored.etag if stored else None)
        except Conflict:
            continue
        return True
    raise StoreUnavailable(f"lost {_MAX_CONFLICTS} conditional writes of {key} in a row")


def _parse(key: str, data: bytes) -> set[str]:
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise CorruptObject(f"{key}: not UTF-8 at byte {error.start}") from None
    return {user for line in text.replace("\r\n", "\n").split("\n") if line for user in _ids(line)}


def _line(user_id: str) -> bytes:
    plain = not user_id.startswith('"') and "\n" not in user_id and not user_id.endswith("\r")
    return (user_id.encode() if plain else orjson.dumps(user_id)) + b"\n"


def _ids(line: str) -> set[str]:
    """Return what a line may stand for: who wrote a line with quotes by hand may have meant them."""
    if line.startswith('"'):
        try:
            return {line, str(orjson.loads(line))}
        except orjson.JSONDecodeError:
            pass
    return {line}
