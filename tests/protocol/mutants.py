"""The protocol with one rule taken out: what the model must notice."""

from collections.abc import Mapping, Sequence

import deflate

from shared import objects
from shared.errors import Conflict
from shared.objectstore import Stored
from shared.rows import Row
from tests.protocol.bucket import Bucket
from tests.protocol.clients import Api
from tests.protocol.model import Protocol
from tests.protocol.worker import ModelFlusher
from worker.flusher import Flush
from worker.lake import Lake, Outcome
from worker.merge import merge
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


class OtherMerge(Lake):
    """Lake with another idea of what a merge is."""

    def combine(self, standing: list[Row], incoming: Mapping[str, Row]) -> bytes:
        raise NotImplementedError

    def _merge_into(self, group: Group, stored: Stored | None) -> Outcome:
        data = self.combine(objects.decode(group.key, stored) if stored else [], group.rows)
        is_changed = stored is None or stored.data != data
        if is_changed:
            self._store.put(group.key, data, {}, replaces=stored.etag if stored else None)
            self._recent.forget(group.key)
        return Outcome(0, 0, is_changed)


class LastWriterWins(OtherMerge):
    """Puts its own rows over those that stand, whichever came first."""

    def combine(self, standing: list[Row], incoming: Mapping[str, Row]) -> bytes:
        return objects.encode(({row.id: row for row in standing} | dict(incoming)).values())


class Appends(OtherMerge):
    """Adds its rows to those that stand."""

    def combine(self, standing: list[Row], incoming: Mapping[str, Row]) -> bytes:
        return objects.encode([*standing, *incoming.values()])


class KeepsOrderOfArrival(OtherMerge):
    """Merges as it should, and does not sort."""

    def combine(self, standing: list[Row], incoming: Mapping[str, Row]) -> bytes:
        merged = merge(standing, incoming).rows.values()
        return bytes(deflate.gzip_compress(b"".join(row.line + b"\n" for row in merged), 1))


class TakesConflictForSuccess(Lake):
    """Believes that a 412 says that the rows are there."""

    def merge(self, group: Group) -> Outcome:
        try:
            return self._merge_into(group, self._read(group.key))
        except Conflict:
            return Outcome(0, 0, written=False)


class AnswersTooEarly(Api):
    """Answers 202 whatever SQS says."""

    def is_sent(self, body: str) -> bool:
        super().is_sent(body)
        return True


MUTANTS = (
    Protocol("202 before SQS has it", api=AnswersTooEarly),
    Protocol("delete before write", flusher=DeletesFirst),
    Protocol("delete at first object", flusher=DeletesAtTheFirstObject),
    Protocol("delete of quarantined", flusher=DeletesWhatIsQuarantined),
    Protocol("failed groups dropped", flusher=DropsWhatFailed),
    Protocol("no If-Match", bucket=WithoutIfMatch),
    Protocol("no If-None-Match", bucket=WithoutIfNoneMatch),
    Protocol("412 taken for success", lake=TakesConflictForSuccess),
    Protocol("last writer wins", lake=LastWriterWins),
    Protocol("rows appended", lake=Appends),
    Protocol("order of arrival kept", lake=KeepsOrderOfArrival),
)
