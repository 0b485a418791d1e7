"""The tally: how many events this process took and refused, in a log line a minute.

A load balancer sees answers and not events: a 202 may refuse most of what it answers. terraform/alarms.tf makes metrics
of these lines.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import Counter

from shared import logs, metrics

EVERY_SECONDS = 60


class Tally:
    """Counts from when it is made."""

    def __init__(self, *, every_seconds: float = EVERY_SECONDS) -> None:
        self._every_seconds = every_seconds
        self._accepted = _total(metrics.EVENTS_ACCEPTED)
        self._rejected = _total(metrics.EVENTS_REJECTED)

    @contextmanager
    def kept_logged(self) -> Iterator[None]:
        """Log now and again, in a thread, and once more when the block has ended."""
        done = threading.Event()
        logging = threading.Thread(target=self._log_until, args=[done], name="tally", daemon=True)
        logging.start()
        try:
            yield
        finally:
            done.set()
            logging.join()

    def _log_until(self, done: threading.Event) -> None:
        while not done.wait(self._every_seconds):
            self._log()
        self._log()

    def _log(self) -> None:
        """Log what came since the last time; nothing when nothing did."""
        accepted, rejected = _total(metrics.EVENTS_ACCEPTED), _total(metrics.EVENTS_REJECTED)
        if (accepted, rejected) != (self._accepted, self._rejected):
            logs.get().info("events_counted", accepted=accepted - self._accepted, rejected=rejected - self._rejected)
        self._accepted, self._rejected = accepted, rejected


def _total(counter: Counter) -> int:
    """Return a counter's sum over its labels."""
    return int(sum(s.value for family in counter.collect() for s in family.samples if s.name.endswith("_total")))
