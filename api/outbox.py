"""The outbox: rows wait here until SQS has confirmed them, and a request is answered no sooner.

Requests that arrive while one waits for company share messages. Each is answered once the messages that carry its own
rows are confirmed, and what fails is retried alone.
"""

import asyncio
import random
import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from api.linger import Linger
from api.parcels import Parcel, Request
from api.room import Room
from shared import logs, metrics
from shared.errors import QueueUnavailable
from shared.journal import Journal
from shared.queue import Queue
from shared.rows import Row

ROW_OVERHEAD_BYTES = 320
"""What a row costs in memory beside its line: 298 measured, and its place in three lists."""
SEAL_BYTES = 2**20
"""Bytes of rows that close a parcel before its wait is over: about what one SendMessageBatch carries at the worst."""
SEAL_REQUESTS = 256
"""Requests that do: to answer as many keeps the event loop busy for some 10 ms."""
LOOK_SECONDS = 0.002
"""How often it is looked whether company still comes: a second request may end the wait sooner than the first."""
LATE_SECONDS = 0.002
"""How much later than asked for a timer comes of an idle loop, whose clock ticks in milliseconds."""
FIRST_BACKOFF_SECONDS = 0.05
LONGEST_BACKOFF_SECONDS = 2.0


class Outbox:
    """One per process, on its event loop; SQS is called from `senders` threads of its own."""

    def __init__(
        self, queue: Queue, room: Room, journal: Journal, *, linger_seconds: float, senders: int, send_seconds: float
    ) -> None:
        self._queue = queue
        self._room = room
        self._journal = journal
        self._linger = Linger(linger_seconds)
        self._senders = senders
        self._send_seconds = send_seconds
        self._threads = ThreadPoolExecutor(senders, thread_name_prefix="outbox")
        self._closing = threading.Event()
        self._open: list[Request] = []
        self._open_bytes = 0
        self._timer: asyncio.TimerHandle | None = None
        self._sending: set[asyncio.Future[None]] = set()

    async def put(self, rows: Sequence[Row]) -> None:
        """Return when SQS has confirmed every row. Raises RoomTaken at once, QueueUnavailable after the retries."""
        if not rows:
            return
        line_bytes = sum([len(row.line) for row in rows])
        held_bytes = line_bytes + len(rows) * ROW_OVERHEAD_BYTES
        self._room.take(held_bytes)
        request = Request(rows, line_bytes, held_bytes, asyncio.get_running_loop().create_future())
        self._open.append(request)
        self._open_bytes += line_bytes
        self._linger.arrive(time.monotonic())
        self._schedule()
        await request.confirmed

    async def close(self) -> None:
        """Send what is held, then return. What SQS does not take within the send time fails its requests."""
        self._seal()
        while self._sending:
            await asyncio.wait(self._sending)
        self._closing.set()
        self._threads.shutdown()

    def _schedule(self) -> None:
        """Seal at once when full, else when the wait is over; while every sender is busy, gather on."""
        if self._open_bytes >= SEAL_BYTES or len(self._open) >= SEAL_REQUESTS:
            self._seal()
        elif self._open and self._timer is None and len(self._sending) < self._senders:
            now = time.monotonic()
            look_at = min(now + LOOK_SECONDS, max(now, self._linger.due_at()))
            self._timer = asyncio.get_running_loop().call_later(look_at - now, self._seal_when_due, look_at)

    def _seal_when_due(self, look_at: float) -> None:
        """Seal unless more may come: when the timer is late the loop was busy, and requests may lie there unread."""
        self._timer = None
        now = time.monotonic()
        was_busy = now - look_at > LATE_SECONDS
        if now < self._linger.due_at() or (was_busy and now < self._linger.latest):
            self._schedule()
        else:
            self._seal()

    def _seal(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._open:
            return
        parcel = Parcel(self._open)
        self._open, self._open_bytes = [], 0
        self._linger.end()
        loop = asyncio.get_running_loop()
        sending = loop.run_in_executor(self._threads, self._send, parcel, loop)
        self._sending.add(sending)
        sending.add_done_callback(lambda done: self._end(parcel, done))

    def _answer(self, requests: Iterable[Request]) -> None:
        for request in requests:
            self._settle(request)

    def _end(self, parcel: Parcel, done: "asyncio.Future[None]") -> None:
        """Fail what SQS did not confirm, and go on with what has gathered meanwhile."""
        self._sending.discard(done)
        error = done.exception() or QueueUnavailable("SQS did not confirm in time")
        for request in parcel.requests:
            self._settle(request, error)
        self._schedule()

    def _settle(self, request: Request, error: BaseException | None = None) -> None:
        if request.is_settled:
            return
        request.is_settled = True
        self._room.give_back(request.held_bytes)
        if request.confirmed.cancelled():
            return
        if error is None:
            request.confirmed.set_result(None)
        else:
            request.confirmed.set_exception(error)
            request.confirmed.exception()  # a client that hung up asks no more: not a "never retrieved" warning

    def _send(self, parcel: Parcel, loop: asyncio.AbstractEventLoop) -> None:
        """Send until every message is confirmed or the time is up. Runs in a sender thread."""
        parcel.pack()
        deadline = time.monotonic() + self._send_seconds
        backoff = FIRST_BACKOFF_SECONDS
        while True:
            for batch in parcel.batches():
                confirmed = self._send_batch(parcel, batch)
                loop.call_soon_threadsafe(self._answer, confirmed)
            if parcel.is_confirmed or time.monotonic() + backoff > deadline:
                return
            metrics.SEND_RETRIES.inc(parcel.open_count)
            self._closing.wait(random.uniform(backoff / 2, backoff))
            backoff = min(backoff * 2, LONGEST_BACKOFF_SECONDS)

    def _send_batch(self, parcel: Parcel, batch: Sequence[int]) -> set[Request]:
        try:
            with metrics.SEND_SECONDS.time():
                failed = self._queue.send([parcel.bodies[position] for position in batch])
        except QueueUnavailable as error:
            logs.get().warning("send_failed", messages=len(batch), error=str(error))
            return set()
        refused = {batch[position] for position in failed}
        if refused:
            logs.get().warning("send_failed", messages=len(refused), error="entries of a batch were not taken")
        taken = [position for position in batch if position not in refused]
        metrics.MESSAGES_SENT.inc(len(taken))
        for position in taken:
            self._journal.note_accepted(parcel.rows(position))
        return parcel.confirm(taken)
