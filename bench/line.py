"""A line of events that remembers when they came: what SQS, a worker's window and a client's buffer have in common."""

from collections import deque
from collections.abc import Iterable
from math import inf
from typing import NamedTuple


class Cohort(NamedTuple):
    """Events that came together, and the messages that carry them. Both are fluids here: 0.3 of one is fine."""

    since: float
    events: float
    messages: float = 0.0


class Line:
    """First in, first out."""

    def __init__(self) -> None:
        self._cohorts: deque[Cohort] = deque()
        self.events = 0.0
        self.messages = 0.0

    @property
    def oldest(self) -> float | None:
        """When the first in line came."""
        return self._cohorts[0].since if self._cohorts else None

    def put(self, cohorts: Iterable[Cohort]) -> None:
        self._cohorts.extend(self._counted(cohorts))

    def put_back(self, cohorts: Iterable[Cohort]) -> None:
        """Put before all others, in their order."""
        self._cohorts.extendleft(reversed(self._counted(cohorts)))

    def take(self, events: float, messages: float = inf, since: float = inf) -> list[Cohort]:
        """Take from the front: at most so many events and messages, that came no later than `since`."""
        taken: list[Cohort] = []
        while self._cohorts and self._cohorts[0].since <= since:
            first = self._cohorts[0]
            part = min(1.0, events / first.events, messages / first.messages if first.messages else 1.0)
            if part <= 0:
                break
            self._cohorts.popleft()
            if part < 1:
                self._cohorts.appendleft(Cohort(first.since, first.events * (1 - part), first.messages * (1 - part)))
            taken.append(Cohort(first.since, first.events * part, first.messages * part))
            events -= taken[-1].events
            messages -= taken[-1].messages
            if part < 1:
                break
        self._discount(taken)
        return taken

    def _counted(self, cohorts: Iterable[Cohort]) -> list[Cohort]:
        counted = [cohort for cohort in cohorts if cohort.events > 0]
        self.events += sum(cohort.events for cohort in counted)
        self.messages += sum(cohort.messages for cohort in counted)
        return counted

    def _discount(self, cohorts: list[Cohort]) -> None:
        self.events -= sum(cohort.events for cohort in cohorts)
        self.messages -= sum(cohort.messages for cohort in cohorts)
        if not self._cohorts:
            self.events = self.messages = 0.0  # what rounding left
