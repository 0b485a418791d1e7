from collections import Counter

from ops import generator
from shared import events, strict_json
from tests.factories import WEB


def test_a_seed_gives_one_history() -> None:
    once = list(generator.generate(users=20, days=14, seed=7))

    assert once == list(generator.generate(users=20, days=14, seed=7))
    assert once != list(generator.generate(users=20, days=14, seed=8))


def test_every_event_is_accepted_and_has_an_id_of_its_own() -> None:
    sample = list(generator.generate(users=40, days=14, seed=1))
    found = [events.normalise(strict_json.sound(event), WEB) for event in sample]

    assert len({row.id for row in found}) == len(sample)
    assert {row.sorted_by[:10] for row in found} <= {f"2026-10-{day}" for day in range(18, 32)}


def test_users_leave_over_time_and_some_features_keep_them() -> None:
    sample = list(generator.generate(users=300, days=28, seed=1))
    days_by_user = Counter(user for user, _ in {(event["userId"], event["timestamp"][:10]) for event in sample})
    fans = {event["userId"] for event in sample if event["event"] == "countdown_viewed"}
    others = days_by_user.keys() - fans

    def mean(users: set[str]) -> float:
        return sum(days_by_user[user] for user in users) / len(users)

    assert mean(fans) > mean(others) > 0
