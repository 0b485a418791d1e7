"""Whose a row is: the ids whose erasure takes it along."""

import base64
import re
from typing import Any

import msgspec
import orjson

_NAMED = re.compile(r'"(?:userId|anonymousId)"\s*:\s*("(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*)')


class _Owners(msgspec.Struct, gc=False):
    user_id: str | None = None
    anonymous_id: str | None = None
    raw: str | None = None
    raw_base64: str | None = None


_OWNERS = msgspec.json.Decoder(_Owners)


def of(line: bytes) -> set[str]:
    """Return the ids that a canonical line names: of an event, its user and anonymous id.

    Of a refused one, every `userId` and `anonymousId` in its body, at any depth. A body need not be JSON, and one that
    could not be cut into its events names the users of all of them.
    """
    row = _OWNERS.decode(line)
    if row.raw_base64 is not None:
        return _named(base64.b64decode(row.raw_base64).decode(errors="replace"))
    if row.raw is not None:
        return _named(row.raw)
    return {owner for owner in (row.user_id, row.anonymous_id) if owner is not None}


def _named(text: str) -> set[str]:
    ids = {str(value) for value in map(_scalar, _NAMED.findall(text)) if value is not None}
    document = _scalar(text)  # a name may be written with escapes
    if isinstance(document, dict):
        ids |= {str(document[name]) for name in ("userId", "anonymousId") if document.get(name) is not None}
    return ids


def _scalar(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
