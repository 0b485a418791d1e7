"""The bucket of the model: conditional writes whose answers lie, come late or not at all."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial

from greenlet import GreenletExit

from shared import objects
from shared.errors import Conflict, StoreUnavailable
from shared.objectstore import Listed, Stored
from shared.rows import Row
from tests.protocol.schedule import Schedule

WRITE_FAULTS = (
    "refused",
    "409",
    "done, then 412",
    "done, answer cut",
    "on its way, timed out",
    "on its way, retried",
)


class Bucket:
    """ObjectStore in memory. `air` holds writes that are on their way while nobody waits for them any more."""

    def __init__(self, schedule: Schedule, after_write: Callable[[str, bytes | None, bytes], None]) -> None:
        self.objects: dict[str, Stored] = {}
        self.failing: set[str] = set()
        self.air: list[Callable[[], None]] = []
        self._schedule = schedule
        self._after_write = after_write
        self._contents: dict[str | None, str] = {None: "nothing"}

    def folders(self, prefix: str) -> Sequence[str]:
        raise NotImplementedError(prefix)  # no worker asks

    def get(self, key: str) -> Stored | None:
        stored = self.objects.get(key)
        outcome = self._schedule.pick(["done"], ["refused", "garbled"] if stored else ["refused"])
        if key in self.failing:
            outcome = "refused"
        self._schedule.note(f"reads {outcome}", f"reads {short(key)} ({self._at(key)}): {outcome}")
        if outcome == "refused":
            raise StoreUnavailable("503 SlowDown")
        return stored._replace(data=stored.data[:-1]) if stored and outcome == "garbled" else stored

    def put(self, key: str, data: bytes, attributes: Mapping[str, str], *, replaces: str | None) -> str:
        new = Stored(data, f'"{hashlib.md5(data).hexdigest()}"', dict(attributes))
        self._contents[new.etag] = " ".join(f"{row.id}:{row.received_at[17:19]}" for row in content(key, data))
        write = partial(self._write, key, new, replaces)
        what = f"{short(key)} ({self._contents[new.etag]}) over ({self._contents[replaces]})"
        self._wait_for_turn(what, write)
        outcome = self._schedule.pick(["done"], WRITE_FAULTS)
        if key in self.failing:
            outcome = "refused"
        self._schedule.note(f"writes {outcome}", f"writes {what}: {outcome}")
        self._answer(outcome, write)
        return new.etag

    def land(self, write: Callable[[], None]) -> None:
        """Let a write arrive whose sender has given up."""
        self.air.remove(write)
        self._schedule.note("late writes", "a late write comes")
        try:
            write()
        except Conflict:
            self._schedule.note("late writes that lost")

    def list(self, prefix: str) -> Iterator[Listed]:
        raise NotImplementedError

    def _wait_for_turn(self, what: str, write: Callable[[], None]) -> None:
        """Between GET and PUT everybody else may go; a worker that dies here may have its PUT on the wire."""
        try:
            self._schedule.pause("PUT")
        except GreenletExit:
            if self._schedule.pick([False, True]):
                self._schedule.note("writes of the dead", f"  {what} is on its way")
                self.air.append(write)
            raise

    def _answer(self, outcome: str, write: Callable[[], None]) -> None:
        if outcome == "refused":
            raise StoreUnavailable("503 SlowDown")
        if outcome == "409":
            raise Conflict("409 ConditionalRequestConflict")
        if outcome.startswith("on its way"):
            self.air.append(write)
        if outcome != "on its way, timed out":
            write()
        if outcome == "done, then 412":
            write()  # it was answered 500, so the client library sends it again, and meets its own write
        if outcome in {"done, answer cut", "on its way, timed out"}:
            raise StoreUnavailable("no answer")

    def _write(self, key: str, new: Stored, replaces: str | None) -> None:
        standing = self.objects.get(key)
        if not self.lets_through(standing.etag if standing else None, replaces):
            self._schedule.note("conflicts (412)", f"  412: {short(key)} is ({self._at(key)})")
            raise Conflict("412 PreconditionFailed")
        self.objects[key] = new
        self._schedule.note("objects replaced" if standing else "objects made", f"  {short(key)} is ({self._at(key)})")
        self._after_write(key, standing.data if standing else None, new.data)

    @staticmethod
    def lets_through(standing: str | None, replaces: str | None) -> bool:
        """Decide on a write, by ETags: of what stands, if anything does, and of If-Match, or None for If-None-Match."""
        return standing == replaces

    def _at(self, key: str) -> str:
        return self._contents[self.objects[key].etag if key in self.objects else None]


@cache
def content(key: str, data: bytes) -> tuple[Row, ...]:
    return tuple(objects.decode(key, Stored(data, "", {})))


def short(key: str) -> str:
    """Name an object for people."""
    return key.rpartition("user=")[2].removesuffix(".jsonl.gz")
