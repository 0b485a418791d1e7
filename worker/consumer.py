"""The consumer: receive, gather, flush; and give back what is left when it is told to stop."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from shared import logs
from shared.errors import QueueUnavailable
from shared.queue import BATCH_ENTRIES, Queue
from shared.settings import WorkerSettings
from worker.backoff import Backoff
from worker.flusher import Flusher
from worker.holdings import Holdings
from worker.lake import Lake
from worker.poller import Poller
from worker.visibility import Visibility
from worker.window import Group, Window

GATHER_SHARE = 1 / 20
"""Of the flush window: what is spent on letting messages gather in the queue, where few come at a time."""
FLUSHES = 2
"""Windows written at a time: while one waits for a slow object, the next need not."""


class Consumer:
    """One per process. Threads: pollers, a heartbeat, `FLUSHES` flushes and their writers; `run` drives them."""

    def __init__(self, settings: WorkerSettings, queue: Queue, lake: Lake) -> None:
        self._settings = settings
        self._queue = queue
        self._visibility = Visibility(queue, settings.worker_visibility_seconds)
        self._holdings = Holdings(
            Window(
                flush_seconds=settings.worker_flush_seconds,
                flush_rows=settings.worker_flush_rows,
                flush_bytes=settings.worker_flush_bytes,
            ),
            self._visibility,
            max_bytes=settings.worker_held_bytes,
        )
        self._flusher = Flusher(lake, queue, writers=settings.worker_writers, done=self._holdings.let_go)
        self._flushes = ThreadPoolExecutor(FLUSHES, thread_name_prefix="flush")
        self._slots = threading.BoundedSemaphore(FLUSHES)
        self._backoff = Backoff(first=0.5, longest=30)
        self._crash: BaseException | None = None

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set, then drain. Raises what a thread died of."""
        drained = threading.Event()
        pollers = [self._start(f"poller-{n}", self._poll, stop) for n in range(self._settings.worker_pollers)]
        side_tasks = [
            self._start("heartbeat", lambda _: self._visibility.run(drained), stop),
            self._start("stop-watch", self._wake_when_stopped, stop),
        ]
        while not stop.is_set():
            self._flush_when_due(stop)
        self._drain(pollers)
        self._release()
        drained.set()
        for task in side_tasks:
            task.join()
        if self._crash:
            raise self._crash

    def _poll(self, stop: threading.Event) -> None:
        Poller(
            self._queue,
            self._holdings,
            poll_seconds=self._settings.worker_poll_seconds,
            gather_seconds=self._settings.worker_flush_seconds * GATHER_SHARE,
            visibility_seconds=self._settings.worker_visibility_seconds,
        ).run(stop)

    def _wake_when_stopped(self, stop: threading.Event) -> None:
        stop.wait()
        self._holdings.wake()

    def _flush_when_due(self, stop: threading.Event) -> None:
        """Take the slot before the window: until one is free, the window goes on filling."""
        while not self._slots.acquire(timeout=1):
            if stop.is_set():
                return
        groups = self._holdings.wait_until_due(stop)
        if not groups:
            self._slots.release()
            return
        self._flushes.submit(self._flush, groups).add_done_callback(lambda done: self._flushed(done, stop))

    def _flushed(self, done: "Future[float]", stop: threading.Event) -> None:
        self._slots.release()
        error = done.exception()
        if error:
            self._crash = error
            stop.set()

    def _flush(self, groups: list[Group]) -> float:
        """Write groups; return the seconds after which those that failed are due again, or 0."""
        flush = self._flusher.flush(groups)
        if not flush.failed:
            self._backoff.after_success()
            return 0
        retry_in = self._backoff.after_failure()
        self._holdings.put_back(flush.failed, retry_in)
        return retry_in

    def _drain(self, pollers: list[threading.Thread]) -> None:
        """Write what is held, until all of it is durable or the time is up; after a crash there is no time."""
        seconds = 0.0 if self._crash else self._settings.worker_drain_seconds
        logs.get().info("draining", messages=len(self._holdings.messages()), seconds=seconds)
        time_is_up = threading.Event()
        alarm = threading.Timer(seconds, self._give_up, [time_is_up])
        alarm.daemon = True
        alarm.start()
        while not time_is_up.is_set():
            polling = any(poller.is_alive() for poller in pollers)
            groups = self._holdings.take_all()
            if groups:
                time_is_up.wait(self._flush(groups))
            elif not polling and not self._holdings.messages():
                break
            else:
                self._holdings.wait_for_change(1)
        alarm.cancel()
        self._flusher.give_up()
        self._flushes.shutdown()
        self._flusher.close()

    def _give_up(self, time_is_up: threading.Event) -> None:
        time_is_up.set()
        self._flusher.give_up()
        self._holdings.wake()

    def _release(self) -> None:
        """Give back what is left, so that another worker gets it at once."""
        left = self._holdings.messages()
        for start in range(0, len(left), BATCH_ENTRIES):
            batch = left[start : start + BATCH_ENTRIES]
            try:
                self._queue.change_visibility([message.receipt_handle for message in batch], 0)
            except QueueUnavailable as error:  # they come back when their timeout ends
                logs.get().warning("release_failed", messages=len(batch), error=str(error))
            for message in batch:
                self._holdings.let_go(message)
        logs.get().info("stopped", released=len(left))

    def _start(self, name: str, work: Callable[[threading.Event], None], stop: threading.Event) -> threading.Thread:
        """Run a side task. One that dies stops the worker: better replaced than limping on."""

        def guarded() -> None:
            try:
                work(stop)
            except BaseException as error:  # noqa: BLE001  # kept, and raised again by run
                self._crash = error
                stop.set()
            finally:
                self._holdings.wake()

        thread = threading.Thread(target=guarded, name=name, daemon=True)
        thread.start()
        return thread
