"""JSON read strictly (RFC 8259, I-JSON) and written in one canonical form.

What a reader of the lake could not read back as it was sent is refused: duplicate keys, numbers outside 64 bits, lone
surrogates, NUL, and nesting past 254 levels, which is as deep as orjson writes.
"""

import json
import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import msgspec
import orjson

from shared.errors import Refused

_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_BLANK = re.compile(r"[ \t\n\r]*")
_SMALLEST, _LARGEST = -(2**63), 2**64 - 1


def dumps(value: Any) -> bytes:
    """Write the canonical form: no white space, UTF-8, keys in their order. Raises Refused for what JSON can't hold."""
    try:
        return orjson.dumps(value)
    except TypeError as error:
        if "ecursion" in str(error):
            raise Refused("too_deep", "nested deeper than 254 levels") from None
        raise Refused("lone_surrogate", "a string holds half of a surrogate pair, which UTF-8 cannot") from None


class Sound(msgspec.Struct, frozen=True, gc=False):
    """A document in which nothing was dropped or rounded, and its canonical form."""

    value: Any
    text: bytes | msgspec.Raw


def sound(value: Any) -> Sound:
    """Pair a document with its canonical form. Raises Refused as `dumps` does."""
    return Sound(value, dumps(value))


def loads(raw: bytes) -> Any:
    """Read one document. Raises Refused with the reason."""
    return read(raw).value


def read(raw: bytes) -> Sound:
    """Read one document, and write it in its canonical form. Raises Refused with the reason."""
    return _read_canonical(raw) or _read_anything(raw)


def _read_canonical(raw: bytes) -> Sound | None:
    """Read a document that writes back as it came: nothing in it was dropped or rounded. None: look closer."""
    try:
        value = orjson.loads(raw)
        canonical = orjson.dumps(value)
    except (ValueError, TypeError):
        return None
    is_same = canonical == raw or canonical == _without_blanks(raw)  # the second only if need be
    has_nul = b"\\" in canonical and b"\\u0000" in canonical  # the first is the faster search
    return Sound(value, canonical) if is_same and not has_nul else None


def _without_blanks(raw: bytes) -> bytes:
    try:
        return msgspec.json.format(raw, indent=-1)
    except (ValueError, RecursionError):
        return b""


def _read_anything(raw: bytes) -> Sound:
    with _refusals():
        found = sound(_STRICT.decode(raw.decode()))
    if _NUL.search(found.text):
        raise Refused("nul_character", "a string holds the character NUL (\\u0000)")
    return found


def elements(raw: bytes) -> list[bytes]:
    """Cut an array into the text of its elements, each of which `loads` may still refuse.

    So one event that is no good does not cost its neighbours. Raises Refused where the text is no array.
    """
    with _refusals():
        scan = _Scanner(raw.decode())
        return [text.encode() for _, text in scan.items("[", "]", keyed=False)]


def members(raw: bytes) -> dict[str, bytes]:
    """Cut an object into the text of its members, as `elements` does with an array."""
    with _refusals():
        scan = _Scanner(raw.decode())
        return _unique([(name, text.encode()) for name, text in scan.items("{", "}", keyed=True)])


class _Scanner:
    """Walks over one array or object; the standard library's decoder finds the end of each value in it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0

    def items(self, opening: str, closing: str, *, keyed: bool) -> Iterator[tuple[str, str]]:
        """Yield name (empty in an array) and text of each value."""
        self._expect(opening)
        if self._next() != closing:
            yield self._item(keyed=keyed)
            while self._next() != closing:
                self._expect(",")
                yield self._item(keyed=keyed)
        self._expect(closing)
        if self._next():
            raise json.JSONDecodeError("text after the end", self._text, self._position)

    def _item(self, *, keyed: bool) -> tuple[str, str]:
        name = ""
        if keyed:
            name = json.loads(self._value())
            if not isinstance(name, str):
                raise json.JSONDecodeError("a name must be a string", self._text, self._position)
            self._expect(":")
        return name, self._value()

    def _value(self) -> str:
        self._next()
        start = self._position
        _, self._position = _LENIENT.raw_decode(self._text, start)
        return self._text[start : self._position]

    def _next(self) -> str:
        """Skip white space; return the character there, or nothing at the end."""
        match = _BLANK.match(self._text, self._position)
        self._position = match.end() if match else self._position
        return self._text[self._position : self._position + 1]

    def _expect(self, mark: str) -> None:
        if self._next() != mark:
            raise json.JSONDecodeError(f"expected {mark!r}", self._text, self._position)
        self._position += 1


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except UnicodeDecodeError as error:
        raise Refused("malformed_json", f"not UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise Refused("malformed_json", f"{error.msg} at character {error.pos}") from None
    except RecursionError:
        raise Refused("too_deep", "nested deeper than 254 levels") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise Refused("duplicate_key", f"{twice[:64]!r} stands twice in one object")
    return document


def _bounded_integer(digits: str) -> int:
    if len(digits) <= 20 and _SMALLEST <= (number := int(digits)) <= _LARGEST:  # noqa: PLR2004
        return number
    raise Refused("number_out_of_range", f"{digits[:24]} does not fit 64 bits: send it as a string")


def _finite_number(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise Refused("number_out_of_range", f"{text[:24]} does not fit a double: send it as a string")
    return number


def _no_constant(name: str) -> NoReturn:
    raise Refused("malformed_json", f"{name} is not JSON: leave the member out or send null")


_LENIENT = json.JSONDecoder(parse_int=str, parse_float=str)  # it only finds ends; Python limits the digits of int()
_STRICT = json.JSONDecoder(
    object_pairs_hook=_unique, parse_int=_bounded_integer, parse_float=_finite_number, parse_constant=_no_constant
)
