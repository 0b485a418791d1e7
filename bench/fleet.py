"""The tasks of an ECS service: wanted, starting, running. Pure."""

from collections import deque


class Fleet:
    """Tasks that are wanted run some time later; tasks that are not stop at once."""

    def __init__(self, tasks: int, start_seconds: float) -> None:
        self.running = tasks
        self._start_seconds = start_seconds
        self._starting: deque[tuple[float, int]] = deque()

    @property
    def wanted(self) -> int:
        return self.running + sum(tasks for _, tasks in self._starting)

    def want(self, tasks: int, now: float) -> int:
        """Start or stop tasks; return how many running ones stopped."""
        more = tasks - self.wanted
        if more > 0:
            self._starting.append((now + self._start_seconds, more))
            return 0
        while more < 0 and self._starting:
            ready_at, newest = self._starting.pop()
            if newest > -more:
                self._starting.append((ready_at, newest + more))
            more = min(0, more + newest)
        self.running += more
        return -more

    def advance(self, now: float) -> None:
        """Let the tasks run whose time has come."""
        while self._starting and self._starting[0][0] <= now:
            self.running += self._starting.popleft()[1]
