"""The protocol with one rule taken out: what the model must notice."""

from collections.abc import Sequence

from shared import objects
from shared.errors import Conflict
from tests.protocol.bucket import Bucket
from tests.protocol.model import Protocol
from tests.protocol.worker import ModelFlusher
from worker.flusher import Flush
from worker.lake import Lake, Outcome
from worker.messages import Message
from worker.window import Group


class DeletesFirst(ModelFlusher):
    """Deletes what it holds, then writes it."""

    def flush(self, groups: Sequence[Group]) -> Flush:
        self._delete(list({message: None for group in groups for message in group.messages}))
        return super().flush(groups)


class DeletesAtTheFirstObject(ModelFlusher):
    """Takes a message for done when one of its objects is."""

    def _done_with(self, group: Group, *, durable: bool) -> list[Message]:
        super()._done_with(group, durable=durable)
        return list(group.messages)


class DeletesWhatIsQuarantined(ModelFlusher):
    """Forgets that an object could not be merged into."""

    def _done_with(self, group: Group, *, durable: bool) -> list[Message]:
        return super()._done_with(group, durable=True)


class DropsWhatFailed(ModelFlusher):
    """Forgets the groups that S3 did not take."""

    def flush(self, groups: Sequence[Group]) -> Flush:
        flush = super().flush(groups)
        flush.failed.clear()
        return flush


class WithoutIfMatch(Bucket):
    """Writes over whatever stands where the worker saw an object."""

    @staticmethod
    def lets_through(standing: str | None, replaces: str | None) -> bool:
        return replaces is not None or standing is None


class WithoutIfNoneMatch(Bucket):
    """Writes over whatever stands where the worker saw none."""

    @staticmethod
    def lets_through(standing: str | None, replaces: str | None) -> bool:
        return replaces is None or standing == replaces


class LastWriterWins(Lake):
    """Puts its own rows over those that stand, whichever came first."""

    def _merge_once(self, group: Group) -> Outcome:
        stored = self._store.get(group.key)
        standing = {row.id: row for row in objects.decode(group.key, stored)} if stored else {}
        merged = standing | group.rows
        if merged != standing:
            data = objects.encode(merged.values())
            self._store.put(group.key, data, {}, replaces=stored.etag if stored else None)
        return Outcome(0, 0, written=True)


class TakesConflictForSuccess(Lake):
    """Believes that a 412 says that the rows are there."""

    def merge(self, group: Group) -> Outcome:
        try:
            return self._merge_once(group)
        except Conflict:
            return Outcome(0, 0, written=False)


MUTANTS = (
    Protocol("delete before write", flusher=DeletesFirst),
    Protocol("delete at first object", flusher=DeletesAtTheFirstObject),
    Protocol("delete of quarantined", flusher=DeletesWhatIsQuarantined),
    Protocol("failed groups dropped", flusher=DropsWhatFailed),
    Protocol("no If-Match", bucket=WithoutIfMatch),
    Protocol("no If-None-Match", bucket=WithoutIfNoneMatch),
    Protocol("last writer wins", lake=LastWriterWins),
    Protocol("412 taken for success", lake=TakesConflictForSuccess),
)
