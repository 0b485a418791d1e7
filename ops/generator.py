"""Plausible Bond Touch users: couples who touch, talk and slowly stop, or don't. Seeded: one seed, one history."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

Event = dict[str, Any]
FEATURES = {
    "touch_sent": 10.0,
    "touch_received": 9.0,
    "message_sent": 4.0,
    "heartbeat_shared": 2.0,
    "photo_shared": 1.5,
    "mood_set": 1.2,
    "countdown_viewed": 0.8,
    "bracelet_synced": 3.0,
    "color_changed": 0.5,
    "settings_opened": 0.4,
}
STICKY = {"heartbeat_shared": 0.04, "countdown_viewed": 0.05, "message_sent": 0.01}
"""What a feature adds to the chance that its user comes back the next day: the answer that analysts should find."""
DEFAULT_UNTIL = date(2026, 10, 31)


def generate(*, users: int, days: int, seed: int, until: date = DEFAULT_UNTIL) -> Iterator[Event]:
    """Yield the events of so many users over so many days, user by user, in the order of their lives."""
    for number in range(users):
        yield from _life(random.Random(f"{seed}/{number}"), number, until - timedelta(days=days - 1), days)


def _life(chance: random.Random, number: int, first_day: date, days: int) -> Iterator[Event]:
    user = {"userId": f"bt_{number:06d}", "context": _device(chance)}
    joined = chance.randrange(max(1, days // 2))
    stays = chance.uniform(0.75, 0.95)
    yield _event(
        chance, user, "bracelet_paired", first_day + timedelta(days=joined), {"partner": f"bt_{number ^ 1:06d}"}
    )
    for day in range(joined, days):
        used = chance.choices(list(FEATURES), list(FEATURES.values()), k=chance.randint(2, 14))
        for feature in ("app_opened", *used):
            yield _event(chance, user, feature, first_day + timedelta(days=day), _properties(chance, feature))
        if chance.random() > min(0.99, stays + sum(STICKY.get(feature, 0) for feature in used)):
            return


def _event(chance: random.Random, user: Event, feature: str, day: date, properties: Event) -> Event:
    at = datetime.combine(day, time(), UTC) + timedelta(seconds=chance.triangular(6 * 3600, 86_399.9, 20 * 3600))
    return {
        "messageId": f"{chance.getrandbits(96):024x}",
        "type": "track",
        "event": feature,
        "timestamp": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "properties": properties,
        **user,
    }


def _properties(chance: random.Random, feature: str) -> Event:
    match feature:
        case "touch_sent" | "touch_received":
            return {"duration_ms": chance.randrange(150, 4000), "color": chance.choice(["blue", "rose", "amber"])}
        case "message_sent":
            return {"length": chance.randrange(1, 200)}
        case "mood_set":
            return {"mood": chance.choice(["happy", "tired", "missing you", "❤"])}
        case _:
            return {}


def _device(chance: random.Random) -> Event:
    system, version = chance.choice([("iOS", "18.1"), ("iOS", "17.6"), ("Android", "15"), ("Android", "14")])
    return {
        "app": {"name": "Bond Touch", "version": chance.choice(["5.2.0", "5.1.3"])},
        "os": {"name": system, "version": version},
        "locale": chance.choice(["en-US", "pt-BR", "de-DE", "ja-JP"]),
    }
