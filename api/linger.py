"""How long requests wait for company in their SQS message. Pure: times are seconds of any one clock."""

QUIET_DISTANCES = 20
"""After so many times the mean distance of requests without one, no more company is expected for now."""
QUIET_SHARE = 0.25
"""The most of the longest wait that is spent on waiting for the next request."""
_NEWEST_SHARE = 1 / 64
"""What the newest distance counts in the mean."""


class Linger:
    """The waits of one process: each until no more company comes, and no longer than `longest`.

    So an API with little to do answers soon, clients that all wait for their answers are not kept waiting for each
    other, and under load, when messages cost most, each is filled as long as may be.
    """

    def __init__(self, longest: float) -> None:
        self._longest = longest
        self._mean_distance = longest
        self._first: float | None = None
        self._last = float("-inf")

    def arrive(self, now: float) -> None:
        """Note a request; the first one begins a wait."""
        distance = min(now - self._last, self._longest)
        self._mean_distance += (distance - self._mean_distance) * _NEWEST_SHARE
        self._last = now
        if self._first is None:
            self._first = now

    def end(self) -> None:
        """Note that the wait is over."""
        self._first = None

    def due_at(self) -> float:
        """Return when the wait is over, unless another request arrives before."""
        quiet = min(QUIET_SHARE * self._longest, QUIET_DISTANCES * self._mean_distance)
        return min(self.latest, self._last + quiet)

    @property
    def latest(self) -> float:
        """When the wait is over, whatever arrives."""
        return self._last if self._first is None else self._first + self._longest
