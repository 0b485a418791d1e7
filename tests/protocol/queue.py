"""The queue of the model: at least once, in any order, with answers that get lost."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.errors import QueueUnavailable
from shared.queue import BATCH_ENTRIES, Received
from tests.protocol.schedule import Schedule


@dataclass(eq=False)
class Entry:
    """A message; `receipts` counts its deliveries, the last one is the one that deletes."""

    name: str
    body: str
    receipts: int = 0
    is_visible: bool = True
    is_deleted: bool = False


class ModelQueue:
    """Queue without time: a visibility timeout runs out whenever the schedule says so, extended or not."""

    def __init__(self, schedule: Schedule, before_delete: Callable[[Entry], None]) -> None:
        self.entries: list[Entry] = []
        self._schedule = schedule
        self._before_delete = before_delete

    def visible(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.is_visible and not entry.is_deleted]

    def in_flight(self) -> list[Entry]:
        return [entry for entry in self.entries if not entry.is_visible and not entry.is_deleted]

    def backlog(self) -> int:
        return len(self.visible()) + len(self.in_flight())

    def expire(self, entry: Entry) -> None:
        self._schedule.note("timeouts that ran out", f"{entry.name} becomes visible again")
        entry.is_visible = True

    def send(self, bodies: Sequence[str]) -> list[int]:
        outcome = self._schedule.pick(["taken"], ["refused", "entry refused", "taken, answered 500"])
        names = [f"m{len(self.entries) + n}" for n in range(1, len(bodies) + 1)]
        self._schedule.note(f"sends {outcome}", f"  SQS on {' '.join(names)}: {outcome}")
        if outcome.startswith("taken"):
            self.entries += map(Entry, names, bodies)
        if outcome in {"refused", "taken, answered 500"}:
            raise QueueUnavailable(outcome)
        return list(range(len(bodies))) if outcome == "entry refused" else []

    def receive(self, *, wait_seconds: int, visibility_seconds: int) -> list[Received]:
        """Deliver some of what is visible in any order; rarely a message in flight, or one that is deleted."""
        choice = self.visible()
        odd = [entry for entry in self.entries if entry not in choice]
        batch: list[Entry] = []
        most = self._schedule.pick([BATCH_ENTRIES, 1, 2])
        while choice and len(batch) < most:
            batch.append(self._schedule.pick(choice, odd))
            choice = [entry for entry in choice if entry not in batch]
            odd = [entry for entry in odd if entry not in batch]
        return [self._deliver(entry) for entry in batch]

    def _deliver(self, entry: Entry) -> Received:
        kind = "first deliveries"
        if entry.is_deleted:
            kind = "deliveries after the delete"
        elif not entry.is_visible:
            kind = "deliveries within timeout"
        elif entry.receipts:
            kind = "redeliveries"
        self._schedule.note(kind, f"receives {entry.name} ({kind})")
        entry.receipts += 1
        entry.is_visible = entry.is_deleted = False
        return Received(entry.name, f"{entry.name}#{entry.receipts}", entry.body, entry.receipts, 0)

    def delete(self, receipt_handles: Sequence[str]) -> list[int]:
        self._schedule.pause("delete")
        outcome = self._schedule.pick(["done"], ["refused", "done in part", "done, answered 500"])
        receipts = sorted(receipt_handles)  # the worker keeps them in sets: a tape must not depend on their order
        self._schedule.note(f"deletes {outcome}", f"deletes {' '.join(receipts)}: {outcome}")
        failed = {"refused": receipts, "done in part": receipts[:1]}.get(outcome, [])
        for receipt in receipts[len(failed) :]:
            self._delete(receipt)
        if outcome in {"refused", "done, answered 500"}:
            raise QueueUnavailable(outcome)
        return [receipt_handles.index(receipt) for receipt in failed]

    def _delete(self, receipt: str) -> None:
        """Delete a message. With a receipt that is not its newest, SQS answers 200 and may or may not delete it.

        https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html (2026-11-23)
        """
        name, _, number = receipt.partition("#")
        entry = next(entry for entry in self.entries if entry.name == name)
        is_newest = int(number) == entry.receipts
        if not is_newest:
            self._schedule.note("deletes by an old receipt")
        if is_newest or self._schedule.pick([False, True]):
            self._before_delete(entry)
            entry.is_deleted = True

    def change_visibility(self, receipt_handles: Sequence[str], seconds: int) -> list[int]:
        raise NotImplementedError("any timeout may run out at any time, so nothing is extended")

    def check(self) -> None:
        raise NotImplementedError
