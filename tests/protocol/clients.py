"""Clients that retry: the same messageId, another received_at, and other properties."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import NamedTuple

from shared import packing
from shared.errors import QueueUnavailable
from shared.events import Reception
from shared.queue import Queue
from tests.factories import NOW, make_line
from tests.protocol.schedule import Schedule

TRIES = 3


class Sent(NamedTuple):
    """An event as a client names it."""

    event_id: str
    user_id: str


A, B, C = Sent("a", "u1"), Sent("b", "u1"), Sent("c", "u1")
D, A_OF_U2, E = Sent("d", "u2"), Sent("a", "u2"), Sent("e", "u3")
BODIES = ((A, D), (B,), (A,), (A, D, E), (C,), (B, A), (A_OF_U2, C))
"""What a client may send; two that choose the same are one that was started twice."""


@dataclass(eq=False)
class Client:
    """One request, until it is answered with 202 or its sender loses patience."""

    name: str
    events: tuple[Sent, ...]
    tries: int = 0
    is_answered: bool = False

    @property
    def is_waiting(self) -> bool:
        return self.tries < TRIES and not self.is_answered


class Api:
    """Packs requests that came together into one message, and answers 202 only where SQS has confirmed."""

    def __init__(self, schedule: Schedule, queue: Queue) -> None:
        self.acknowledged: list[bytes] = []
        self._clients = [Client(f"client {n + 1}", schedule.pick(BODIES)) for n in range(schedule.pick([3, 2, 4, 5]))]
        self._schedule = schedule
        self._queue = queue

    def waiting(self) -> list[Client]:
        return [client for client in self._clients if client.is_waiting]

    def take(self, client: Client) -> None:
        """Take a request, and rarely the others that wait, into one message."""
        together = self._schedule.pick([[client]], [self.waiting()])
        lines = {one: self._lines(one) for one in together}
        if self.is_sent(packing.pack([line for its in lines.values() for line in its])):
            self._acknowledge(lines)

    def is_sent(self, body: str) -> bool:
        """Send a message; tell whether SQS has confirmed it."""
        try:
            return not self._queue.send([body])
        except QueueUnavailable:
            return False

    def _acknowledge(self, lines: dict[Client, list[bytes]]) -> None:
        for client, its in lines.items():
            self.acknowledged += its
            client.is_answered = self._schedule.pick([True], [False])
            if not client.is_answered:
                self._schedule.note("202s that got lost", f"  the 202 to {client.name} gets lost")

    def _lines(self, client: Client) -> list[bytes]:
        """Read the clock of any API process: it need not go forward between two tries."""
        second = self._schedule.pick([client.tries], [0, 1, 2])
        client.tries += 1
        kind = "client retries" if client.tries > 1 else "first requests"
        names = " ".join("@".join(event) for event in client.events)
        self._schedule.note(kind, f"{client.name} sends {names}, try {client.tries}, received at :{second:02}")
        return [_line(event, client.tries, second) for event in client.events]


@cache
def _line(event: Sent, attempt: int, second: int) -> bytes:
    reception = Reception(NOW + timedelta(seconds=second), "web")
    return make_line(reception, messageId=event.event_id, userId=event.user_id, properties={"try": attempt})
