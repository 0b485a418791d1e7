"""The names of the lake's objects.

    events/shard=<h>/date=<YYYY-MM-DD>/user=<id>.jsonl.gz
    rejected/date=<YYYY-MM-DD>/part=<hh>.jsonl.gz

`id` is the user id, percent-encoded; for an event without one it is `@` and the anonymous id, percent-encoded, and
since percent-encoding writes a literal `@` as `%40`, no user id ever looks like that. `h` is the first hex digit of
md5(id): it spreads writes over 16 prefixes, and any SQL engine can compute it.
"""

import hashlib
import re
from functools import lru_cache
from urllib.parse import quote

EVENTS = "events/"
REJECTED = "rejected/"
MAX_CHARACTERS = 1024
"""What S3 takes; ours are ASCII."""
_EVENTS_KEY = re.compile(
    r"events/shard=([0-9a-f])/date=([0-9]{4}-[0-9]{2}-[0-9]{2})/user=(@?[A-Za-z0-9_.~%-]+)\.jsonl\.gz"
)
_REJECTED_KEY = re.compile(r"rejected/date=([0-9]{4}-[0-9]{2}-[0-9]{2})/part=[0-9a-f]{2}\.jsonl\.gz")


@lru_cache(65_536)
def events(user_id: str | None, anonymous_id: str | None, date: str) -> str:
    """Name the object of a user's day; the anonymous id counts only where there is no user id."""
    owner_id = owner(user_id, anonymous_id)
    return f"{EVENTS}shard={_shard(owner_id)}/date={date}/user={owner_id}.jsonl.gz"


def dates_prefix(user_id: str | None, anonymous_id: str | None) -> str:
    """Return what the keys of all of a user's days begin with, up to the date."""
    return f"{EVENTS}shard={_shard(owner(user_id, anonymous_id))}/date="


def rejected(rejected_id: str, date: str) -> str:
    """Name the object that keeps a refused event; the id is hex, so its first two digits spread them evenly."""
    return f"{REJECTED}date={date}/part={rejected_id[:2]}.jsonl.gz"


def owner(user_id: str | None, anonymous_id: str | None) -> str:
    """Return the `id` of a key. At most 769 characters for ids of 256 bytes: S3 takes keys of 1,024."""
    return quote(user_id, safe="") if user_id is not None else "@" + quote(anonymous_id or "", safe="")


def folders(date: str) -> tuple[str, ...]:
    """Return the prefixes below which the objects of a day stand."""
    return (*(f"{EVENTS}shard={shard}/date={date}/" for shard in "0123456789abcdef"), f"{REJECTED}date={date}/")


def is_ours(key: str) -> bool:
    """Tell whether a key has the form that this module writes."""
    if _REJECTED_KEY.fullmatch(key):
        return True
    match = _EVENTS_KEY.fullmatch(key)
    return match is not None and match[1] == _shard(match[3])


def _shard(owner_id: str) -> str:
    return hashlib.md5(owner_id.encode(), usedforsecurity=False).hexdigest()[0]
