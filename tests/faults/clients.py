"""Clients that send until they are answered, as an app with a messageId may."""

import random
import threading
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import httpx

from tests.factories import make_event
from tests.integration.lab import KEY

PAUSE_SECONDS = 0.05
USERS, DAYS = 6, 3


class Clients:
    """Sends from some threads until told to stop; each then finishes what it has begun."""

    def __init__(self, urls: Mapping[str, str], seed: int, count: int = 6) -> None:
        self._urls = urls
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._send, args=(seed, n), daemon=True) for n in range(count)]
        self.acknowledged: set[str] = set()
        self.refused = 0
        self.requests = 0
        self.failures = 0

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def finish(self, seconds: float) -> None:
        """Send no new events; wait until every one that was sent is acknowledged."""
        self._stop.set()
        for thread in self._threads:
            thread.join(seconds)
            assert not thread.is_alive(), f"a client was not answered within {seconds} s"

    def _send(self, seed: int, number: int) -> None:
        chance = random.Random(f"client {seed} {number}")
        sent: list[dict[str, Any]] = []
        while not self._stop.wait(PAUSE_SECONDS):
            fresh = [_event(chance, f"{seed}-{number}-{len(sent) + n}") for n in range(chance.randint(1, 20))]
            again = chance.sample(sent, min(len(sent), chance.choice([0, 0, 3])))
            bad = [make_event(messageId="bad", event="")] * chance.choice([0, 0, 1])
            self._deliver(chance, fresh + again, bad)
            sent += fresh

    def _deliver(self, chance: random.Random, events: list[dict[str, Any]], bad: list[dict[str, Any]]) -> None:
        while True:
            try:
                answer = httpx.post(
                    f"{self._urls[chance.choice(sorted(self._urls))]}/v1/events",
                    json=events + bad,
                    headers={"Authorization": f"Bearer {KEY}"},
                    timeout=15,
                )
            except httpx.TransportError:  # nobody there, or gone before the answer
                self.failures += 1
                self._stop.wait(0.2)
                continue
            self.requests += 1
            if answer.status_code == HTTPStatus.ACCEPTED:
                break
            assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE, answer.text
            self.failures += 1
        with self._lock:
            self.acknowledged.update(event["messageId"] for event in events)
            self.refused += len(bad)


def _event(chance: random.Random, event_id: str) -> dict[str, Any]:
    user = f"u{chance.randrange(USERS)}"
    moment = f"2026-11-{20 + chance.randrange(DAYS)}T{chance.randrange(24):02}:00:00Z"
    return make_event(messageId=event_id, userId=user, timestamp=moment, properties={"n": chance.randrange(10**6)})
