"""RFC 3339 in, one sortable form out: `YYYY-MM-DDTHH:MM:SS.ffffffZ`."""

import re
from datetime import UTC, datetime, timedelta, timezone

from shared.errors import Refused

# RFC 3339 section 5.6; the blank between date and time is its own note, and common in SQL exports.
_RFC3339 = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))"
)
_UTC = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?Z")
_WITH_MILLISECONDS = len("2026-11-22T10:11:12.345Z")
LATEST = datetime.max.replace(tzinfo=UTC)


def now() -> datetime:
    return datetime.now(UTC)


def to_text(moment: datetime) -> str:
    """Write a moment as UTC with six digits, so that text sorts as time."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def canonical(text: str) -> str:
    """Return an RFC 3339 timestamp as `to_text` writes it, by the rules of `parse`. Raises Refused."""
    if _UTC.fullmatch(text):  # as SDKs send it: nothing to convert, if it is on the calendar
        try:
            datetime.fromisoformat(text[:19])
        except ValueError:
            return to_text(parse(text))  # a leap second, or the reason why not
        return f"{text[:23]}000Z" if len(text) == _WITH_MILLISECONDS else f"{text[:19]}.{text[20:26].rstrip('Z'):0<6}Z"
    return to_text(parse(text))


def parse(text: str) -> datetime:
    """Read an RFC 3339 timestamp as UTC, cut to microseconds.

    A leap second becomes the last microsecond before it, so the event keeps its day and its place. A moment past the
    year 9999 becomes the last one that a datetime holds. Raises Refused.
    """
    match = _RFC3339.fullmatch(text)
    if match is None:
        raise _invalid(text, "write it in RFC 3339 with a time zone, such as 2026-11-22T10:11:12.345Z")
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    microsecond = int((match[7] or "0")[:6].ljust(6, "0"))
    if second == 60:  # noqa: PLR2004  # the leap second of RFC 3339 section 5.7
        second, microsecond = 59, 999_999
    try:
        return datetime(year, month, day, hour, minute, second, microsecond, _zone(match)).astimezone(UTC)
    except ValueError as error:
        raise _invalid(text, str(error)) from None
    except OverflowError:
        if year > 1:
            return LATEST
        raise _invalid(text, "before the year 1") from None


def is_leap_second(text: str) -> bool:
    """Tell whether a timestamp that `parse` takes names second 60."""
    return text[17:19] == "60"


def _zone(match: re.Match[str]) -> timezone:
    sign, hours, minutes = match[8], match[9], match[10]
    if sign is None:
        return UTC
    if int(minutes) > 59:  # noqa: PLR2004
        raise ValueError("the offset's minutes must be in 0..59")
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-offset if sign == "-" else offset)


def _invalid(text: str, why: str) -> Refused:
    return Refused("invalid_timestamp", f"{text[:64]!r} is not a timestamp: {why}")
