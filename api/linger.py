"""How long a request waits for company in its SQS message. Pure: times are seconds of any one clock."""

QUIET_DISTANCES = 10
"""So many times the mean distance of its requests without another one, and a parcel has no more company to expect: at
random that happens to one in 20,000 (e^-10)."""
QUIET_SHARE = 0.25
"""The most of the longest wait that is spent on a first request, before it is known whether more follow."""


class Linger:
    """The wait of one parcel: until no more company comes, and no longer than `longest`.

    So an API with little to do answers soon, clients that all wait for their answers are not kept waiting for each
    other, and under load, when a message costs most, each is filled as long as may be.
    """

    def __init__(self, longest: float) -> None:
        self._longest = longest
        self._first = self._last = 0.0
        self._count = 0

    def arrive(self, now: float) -> None:
        """Note a request."""
        if not self._count:
            self._first = now
        self._last = now
        self._count += 1

    def due_at(self) -> float:
        """Return when the wait is over, unless another request arrives before."""
        quiet = QUIET_SHARE * self._longest
        if self._count > 1:
            quiet = min(quiet, QUIET_DISTANCES * (self._last - self._first) / (self._count - 1))
        return min(self._first + self._longest, self._last + quiet)
