"""Erasing a user: everything that the lake holds of an id, every version of it, and that it stays away.

The id goes on the suppression list first. From then on nothing new of it is written, but for what was under way: an API
process that read the list earlier may still enqueue its events, which the workers drop; and a worker may be at a write
that it decided on before. A worker writes with no list older than MAX_AGE_SECONDS and asks it right before the write,
so after SETTLE_SECONDS that is over, and a second round erases what it brought. What that leaves is a worker process
that was frozen between asking and writing, for longer than this waits: erase again, or look with a dry run, to be sure.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field

import orjson

from shared import keys, objects, owners, timestamps
from shared.errors import Conflict, CorruptObject, StoreUnavailable
from shared.objectstore import ObjectStore
from shared.rows import Row
from shared.suppression import MAX_AGE_SECONDS
from shared.versions import Version, Versions

WRITE_SECONDS = 30
"""What a worker's write may take at most, with the tries of its client (shared/aws.py), and some more."""
SETTLE_SECONDS = MAX_AGE_SECONDS + WRITE_SECONDS
AUDIT = "audit/erasures/"
_WORKERS = 16
_ROUNDS = 5
_MAX_CONFLICTS = 20


@dataclass(frozen=True)
class Person:
    """Who is to be erased: a user, or an anonymous visitor."""

    id: str
    is_anonymous: bool = False

    @property
    def _names(self) -> tuple[str | None, str | None]:
        return (None, self.id) if self.is_anonymous else (self.id, None)

    @property
    def dates_prefix(self) -> str:
        return keys.dates_prefix(*self._names)

    def key(self, date: str) -> str:
        return keys.events(*self._names, date)


@dataclass
class Found:
    """What there is of a person."""

    days: dict[str, list[Version]] = field(default_factory=dict)
    rows: int = 0
    refused: dict[str, list[Version]] = field(default_factory=dict)
    refused_rows: int = 0
    others: set[str] = field(default_factory=set)
    """Ids that stand beside this one in its rows."""
    unreadable: list[str] = field(default_factory=list)
    """Keys of refused events that may name this person or not."""

    @property
    def versions(self) -> int:
        return sum(map(len, [*self.days.values(), *self.refused.values()]))


@dataclass(frozen=True)
class Audit:
    """The line that stays: no id, since that is what was erased; a digest, so that an id can be shown to have been."""

    erased_at: str
    id_sha256: str
    is_anonymous: bool
    objects: int
    versions: int
    rows: int
    refused_rows: int
    waited_seconds: float
    is_verified: bool


class Erasure:
    """Looks for a person, and erases what it finds.

    `erased` is told the key and the ids of the rows that are about to be taken out of an object. It is told again when
    an erasure is repeated that broke off in between.
    """

    def __init__(
        self,
        store: ObjectStore,
        versions: Versions,
        person: Person,
        *,
        erased: Callable[[str, list[str]], None] = lambda _key, _ids: None,
        advance: Callable[[int], None] = lambda _count: None,
    ) -> None:
        self._store = store
        self._versions = versions
        self._person = person
        self._erased = erased
        self._advance = advance

    def find(self) -> Found:
        """Look through the person's days, by their keys, and through every version of every refused event."""
        found = Found()
        with ThreadPoolExecutor(_WORKERS) as threads:
            days = (folder.rpartition("=")[2] for folder in self._versions.folders(self._person.dates_prefix))
            for key, versions in threads.map(self._history, map(self._person.key, days)):
                if versions:
                    found.days[key] = versions
            for content in threads.map(self._current_rows, found.days.values()):
                found.rows += len(content)
                found.others |= {name for row in content for name in owners.of(row.line)} - {self._person.id}
            for version, named in threads.map(self._named_in, self._refused_versions()):
                if named is None:
                    found.unreadable.append(version.key)
                elif named:
                    found.refused.setdefault(version.key, []).append(version)
                    found.refused_rows += len(named) if version.is_latest else 0
        return found

    def erase(self, found: Found) -> None:
        """Take out what was found."""
        with ThreadPoolExecutor(_WORKERS) as threads:
            _run(threads.map(self._erase_day, found.days))
            _run(threads.map(self._erase_refused, found.refused))

    def erase_until_gone(self, settle: Callable[[], float]) -> Audit:
        """Erase, let the writes that were under way settle, and erase what they brought, until nothing is found."""
        rounds = [self.find()]
        self.erase(rounds[0])
        waited = settle()
        while (found := self.find()).versions and len(rounds) < _ROUNDS:
            self.erase(found)
            rounds.append(found)
        return Audit(
            erased_at=timestamps.to_text(timestamps.now()),
            id_sha256=hashlib.sha256(self._person.id.encode()).hexdigest(),
            is_anonymous=self._person.is_anonymous,
            objects=len({key for done in rounds for key in [*done.days, *done.refused]}),
            versions=sum(done.versions for done in rounds),
            rows=sum(done.rows for done in rounds),
            refused_rows=sum(done.refused_rows for done in rounds),
            waited_seconds=waited,
            is_verified=not found.versions and not found.unreadable,
        )

    def _history(self, key: str) -> tuple[str, list[Version]]:
        self._advance(1)
        return key, [version for version in self._versions.list(key) if version.key == key]

    def _current_rows(self, versions: list[Version]) -> list[Row]:
        """Return the rows that a key holds now; none when they can't be read: they go all the same."""
        latest = next((version for version in versions if version.is_latest and not version.is_marker), None)
        try:
            return (latest and self._rows(latest)) or []
        except CorruptObject:
            return []

    def _refused_versions(self) -> Iterator[Version]:
        return (version for version in self._versions.list(keys.REJECTED) if not version.is_marker)

    def _named_in(self, version: Version) -> tuple[Version, list[str] | None]:
        """Return the ids of the rows that name the person; None when the object can't be read."""
        self._advance(1)
        try:
            return version, [row.id for row in self._rows(version) if self._is_named(row)]
        except CorruptObject:
            return version, None

    def _rows(self, version: Version) -> list[Row]:
        stored = self._versions.get(version)
        return objects.decode(version.key, stored) if stored else []

    def _is_named(self, row: Row) -> bool:
        return self._person.id in owners.of(row.line)

    def _erase_day(self, key: str) -> None:
        """Remove every version of an object that holds nothing but the person's rows, the oldest first."""
        _, versions = self._history(key)
        if content := self._current_rows(versions):
            self._erased(key, [row.id for row in content])
        for version in reversed(versions):
            self._versions.delete(version)

    def _erase_refused(self, key: str) -> None:
        """Rewrite an object without the person's rows, and remove the versions that had them."""
        for _ in range(_MAX_CONFLICTS):
            _, versions = self._history(key)
            with_person = [version for version in versions if not version.is_marker and self._named_in(version)[1]]
            for version in with_person:
                if version.is_latest:
                    self._rewrite(key)
                else:
                    self._versions.delete(version)
            if not with_person:
                return
        raise StoreUnavailable(f"{key} is written so often that {_MAX_CONFLICTS} tries did not clear it")

    def _rewrite(self, key: str) -> None:
        """Write the rows of the others, unless a worker was first: then the next try sees what it wrote."""
        stored = self._store.get(key)
        content = objects.decode(key, stored) if stored else []
        named = {row.id for row in content if self._is_named(row)}
        if stored is None or not named:
            return
        self._erased(key, sorted(named))
        kept = [row for row in content if row.id not in named]
        try:
            self._store.put(key, objects.encode(kept), objects.attributes(len(kept)), replaces=stored.etag)
        except Conflict:
            return


def write_audit(store: ObjectStore, audit: Audit) -> str:
    """Keep the line of an erasure; return its key."""
    key = f"{AUDIT}{audit.erased_at}-{audit.id_sha256[:16]}.json"
    line = orjson.dumps(asdict(audit), option=orjson.OPT_APPEND_NEWLINE)
    store.put(key, line, {"Content-Type": "application/json"}, replaces=None)
    return key


def _run(work: Iterable[None]) -> None:
    for _ in work:
        pass
