"""Realistic users, by locust: `make load` against `make up`, or against a real deployment (docs/api.md).

A user opens the app, does several things, and leaves: single events, batches, a retry now and then with the same ids,
and now and then an event that is no good, whose refusal is the right answer. WRITE_KEY is the key of the source.
"""

import os
import random
import uuid
from datetime import UTC, datetime
from typing import Any

from locust import HttpUser, between, task

FEATURES = ["touch_sent", "touch_received", "message_sent", "heartbeat_shared", "mood_set", "app_opened"]
BAD = [{"event": "touch_sent"}, {"userId": "bt_1"}, {"userId": "bt_1", "event": "x", "timestamp": "yesterday"}]
HEADERS = {"Authorization": f"Bearer {os.environ.get('WRITE_KEY', 'dev-key')}"}
ACCEPTED, UNPROCESSABLE = 202, 422


class AppUser(HttpUser):
    """Somebody with the app in their hand."""

    wait_time = between(0.5, 3)

    def on_start(self) -> None:
        self.user_id = f"bt_{uuid.uuid4().hex[:12]}"

    @task(10)
    def use_a_feature(self) -> None:
        self._post("one event", self._event(), ACCEPTED)

    @task(3)
    def come_back_online(self) -> None:
        """Send what gathered meanwhile, as an SDK does."""
        events = [self._event() for _ in range(random.randint(5, 40))]
        self._post("batch", {"batch": events, "context": {"locale": "de-DE"}}, ACCEPTED)

    @task(1)
    def retry(self) -> None:
        """Send one event twice, as after a lost answer: both are accepted, one is stored."""
        event = self._event()
        for _ in range(2):
            self._post("retry", event, ACCEPTED)

    @task(1)
    def send_something_bad(self) -> None:
        self._post("bad event", random.choice(BAD), UNPROCESSABLE)

    def _event(self) -> dict[str, Any]:
        return {
            "messageId": str(uuid.uuid4()),
            "userId": self.user_id,
            "event": random.choice(FEATURES),
            "timestamp": datetime.now(UTC).isoformat(),
            "properties": {"duration_ms": random.randint(100, 4000), "screen": "home"},
            "context": {"app": {"version": "5.2.0"}, "os": {"name": "iOS"}},
        }

    def _post(self, name: str, body: Any, expected: int) -> None:
        with self.client.post("/v1/events", json=body, headers=HEADERS, name=name, catch_response=True) as answer:
            if answer.status_code == expected:
                answer.success()
            else:
                answer.failure(f"{answer.status_code}: {answer.text[:200]}")
