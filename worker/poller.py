"""The poller: long-polls the queue while there is room, and turns bodies into messages."""

import threading
import time

from shared import logs, metrics
from shared.errors import QueueUnavailable, Undecodable
from shared.queue import Queue, Received
from worker import messages
from worker.backoff import Backoff
from worker.holdings import Holdings

FEW_MESSAGES = 7
"""A receive that brings no more is followed by a pause, in which messages gather: each receive is billed."""


class Poller:
    """Runs in a thread of its own until told to stop, and then within one long poll."""

    def __init__(
        self, queue: Queue, holdings: Holdings, *, poll_seconds: int, gather_seconds: float, visibility_seconds: int
    ) -> None:
        self._queue = queue
        self._holdings = holdings
        self._poll_seconds = poll_seconds
        self._gather_seconds = gather_seconds
        self._visibility_seconds = visibility_seconds

    def run(self, stop: threading.Event) -> None:
        backoff = Backoff(first=0.5, longest=30)
        while self._holdings.wait_for_room(stop):
            since = time.monotonic()
            try:
                batch = self._queue.receive(
                    wait_seconds=self._poll_seconds, visibility_seconds=self._visibility_seconds
                )
            except QueueUnavailable as error:
                logs.get().warning("receive_failed", error=str(error))
                stop.wait(backoff.after_failure())
                continue
            backoff.after_success()
            for received in batch:
                self._take_in(received, since)
            if 0 < len(batch) <= FEW_MESSAGES:
                stop.wait(self._gather_seconds)

    def _take_in(self, received: Received, since: float) -> None:
        metrics.MESSAGES_RECEIVED.inc()
        try:
            self._holdings.take_in(messages.decode(received), since)
        except Undecodable as error:
            self._leave(received, str(error))
        except Exception as error:  # noqa: BLE001  # a mistake of ours with one message must not cost the others
            self._leave(received, type(error).__name__)

    @staticmethod
    def _leave(received: Received, error: str) -> None:
        """Leave a message to the queue's redrive policy."""
        metrics.MESSAGES_UNDECODABLE.inc()
        logs.get().error(
            "message_undecodable",
            message_id=received.message_id,
            receive_count=received.receive_count,
            error=error,
        )
