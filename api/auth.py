"""Write keys: which source a request speaks for."""

import base64
import hashlib
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import parse_qsl

from pydantic import SecretStr

from api.head import Head
from api.problems import Problem

DEFAULT_SOURCE = "default"
_QUERY_NAMES = frozenset({"writekey", "write_key", "key", "api_key", "apikey", "token"})


class KeyRing:
    """The keys that are valid now. Kept and looked up as digests, so that no comparison leaks a key by its timing."""

    def __init__(self, sources: Mapping[SecretStr, str], *, required: bool = True) -> None:
        self._required = required
        self._sources = {_digest(key.get_secret_value()): source for key, source in sources.items()}

    def named(self, key: str | None) -> str | None:
        """Return the source that a key names; None without a key. Raises Problem 401 for an unknown one."""
        if key is None or not self._required:
            return None
        source = self._sources.get(_digest(key))
        if source is None:
            raise _unknown()
        return source

    def source(self, header_source: str | None, body_key: str | None) -> str:
        """Return the source of a request; a key in the header and one in the body must name the same.

        Raises Problem 401.
        """
        if not self._required:
            return DEFAULT_SOURCE
        body_source = self.named(body_key)
        source = header_source or body_source
        if source is None:
            raise _unauthorized("missing_write_key", "give a write key: Authorization: Bearer KEY")
        if source != (body_source or source):
            raise _unknown()
        return source


def header_key(head: Head) -> str | None:
    """Return the key of `Authorization: Bearer KEY` or of a Basic user name, as Segment's libraries send it.

    A key in the URL is refused even if it is known: URLs end up in the logs of everything on the way.
    """
    if head.query and _QUERY_NAMES & {name.lower() for name, _ in parse_qsl(head.query, keep_blank_values=True)}:
        raise _unauthorized("write_key_in_url", "never put a write key into a URL: use Authorization: Bearer KEY")
    scheme, _, value = head.get(b"authorization").partition(" ")
    value = value.strip()
    if not value:
        return None
    if scheme.lower() == "bearer":
        return value
    if scheme.lower() == "basic":
        return _user_name(value)
    raise _unauthorized("unknown_scheme", "use Authorization: Bearer KEY, or Basic with the key as user name")


def _user_name(credentials: str) -> str:
    try:
        return base64.b64decode(credentials, validate=True).decode().partition(":")[0]
    except ValueError:  # binascii.Error and UnicodeDecodeError are
        raise _unauthorized("malformed_authorization", "Basic wants base64 of KEY: (with the colon)") from None


def _unknown() -> Problem:
    return _unauthorized("unknown_write_key", "this write key is not known here, or two keys disagree")


def _unauthorized(reason: str, detail: str) -> Problem:
    return Problem(HTTPStatus.UNAUTHORIZED, reason, detail, headers={"WWW-Authenticate": 'Bearer realm="touchlake"'})


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode(errors="surrogatepass")).digest()
