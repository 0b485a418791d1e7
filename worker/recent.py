"""Objects as this worker last left them: a guess at what stands at a key, which saves reading it before a write.

A guess is never believed, only written against: `If-Match` or `If-None-Match` lets the write through if it was right.
One that is wrong costs a write that S3 refuses, twelve times the price of the read. So guesses are used while nearly
all of the last ones were right: always, where one worker sees all of a user's events, never, where many share them.
"""

import threading
from collections import OrderedDict

from shared.objectstore import Stored

TRUSTED_SHARE = 0.95
"""S3 asks $0.0004 for 1,000 reads and $0.005 for as many writes: above 0.93 guessing is cheaper."""
_NEWEST_SHARE = 1 / 64
_OVERHEAD_BYTES = 1000
"""What an object costs in memory beside its bytes: key, ETag, attributes and its place."""


class Recent:
    """The objects last written or read, up to `max_bytes`; of others it guesses that they don't exist. Thread-safe."""

    def __init__(self, max_bytes: int, *, trusted_share: float = TRUSTED_SHARE) -> None:
        self._max_bytes = max_bytes
        self._trusted_share = trusted_share
        self._lock = threading.Lock()
        self._objects: OrderedDict[str, Stored] = OrderedDict()
        self._bytes = 0
        self._right = {False: 0.0, True: 0.0}
        """The share of right guesses lately: that nothing stands there, that something does."""

    def guess(self, key: str) -> Stored | None:
        """Return what presumably stands at a key; None for nothing."""
        with self._lock:
            return self._objects.get(key)

    def is_trusted(self, key: str) -> bool:
        """Tell whether a guess at this key is worth a try."""
        with self._lock:
            return self._max_bytes > 0 and self._right[key in self._objects] >= self._trusted_share

    def note(self, guess: Stored | None, *, was_right: bool) -> None:
        """Note whether a guess turned out right, used or not."""
        with self._lock:
            kind = guess is not None
            self._right[kind] += (was_right - self._right[kind]) * _NEWEST_SHARE

    def remember(self, key: str, stored: Stored) -> None:
        """Note what stands at a key now."""
        with self._lock:
            self._drop(key)
            self._objects[key] = stored
            self._bytes += len(stored.data) + _OVERHEAD_BYTES
            while self._bytes > self._max_bytes:
                self._drop(next(iter(self._objects)))

    def forget(self, key: str) -> None:
        """Note that it is not known what stands at a key."""
        with self._lock:
            self._drop(key)

    def _drop(self, key: str) -> None:
        stored = self._objects.pop(key, None)
        if stored is not None:
            self._bytes -= len(stored.data) + _OVERHEAD_BYTES
