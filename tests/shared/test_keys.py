import hashlib
from urllib.parse import quote

import pytest
from hypothesis import given

from shared import keys
from tests.factories import HOSTILE_IDS


@given(HOSTILE_IDS, HOSTILE_IDS)
def test_different_users_never_share_a_key(one: str, other: str) -> None:
    assert (keys.events(one, None, "2026-11-22") == keys.events(other, None, "2026-11-22")) == (one == other)


@given(HOSTILE_IDS, HOSTILE_IDS)
def test_an_anonymous_id_never_shares_a_key_with_a_user(user: str, anonymous: str) -> None:
    assert keys.events(user, None, "2026-11-22") != keys.events(None, anonymous, "2026-11-22")


@given(HOSTILE_IDS)
def test_a_key_is_one_path_of_safe_characters(user: str) -> None:
    key = keys.events(user, None, "2026-11-22")

    assert key.count("/") == 3
    assert key.isascii()
    assert key.isprintable()
    assert " " not in key
    assert keys.is_ours(key)


@pytest.mark.parametrize("user", ["u" * 256, "é" * 128, "😀" * 64])
def test_the_longest_id_fits_a_key(user: str) -> None:
    assert len(keys.events(user, None, "2026-11-22")) <= 1024


def test_the_shard_can_be_computed_from_the_id() -> None:
    owner = quote("a/b c", safe="")
    shard = hashlib.md5(owner.encode()).hexdigest()[0]

    assert keys.events("a/b c", None, "2026-11-22") == f"events/shard={shard}/date=2026-11-22/user=a%2Fb%20c.jsonl.gz"


def test_the_user_id_decides_where_both_are_known() -> None:
    assert keys.events("u", "a", "2026-11-22") == keys.events("u", None, "2026-11-22")


@pytest.mark.parametrize(
    "key",
    [
        "events/shard=0/date=2026-11-22/user=u1.jsonl.gz",  # u1 belongs to another shard
        "events/shard=g/date=2026-11-22/user=u1.jsonl.gz",
        "events/date=2026-11-22/user=u1.jsonl.gz",
        "events/shard=e/date=2026-11-22/user=u1.jsonl",
        "rejected/2026-11-22/x.jsonl.gz",
        "other",
    ],
)
def test_foreign_keys_are_told_apart(key: str) -> None:
    assert not keys.is_ours(key)


def test_refused_events_have_keys_of_their_own() -> None:
    assert keys.rejected("ab12", "2026-11-22") == "rejected/date=2026-11-22/part=ab.jsonl.gz"
    assert keys.is_ours("rejected/date=2026-11-22/part=ab.jsonl.gz")
