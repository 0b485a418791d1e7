from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import timestamps
from shared.errors import Refused


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2026-11-22T10:11:12Z", "2026-11-22T10:11:12.000000Z"),
        ("2026-11-22T10:11:12.3Z", "2026-11-22T10:11:12.300000Z"),
        ("2026-11-22T10:11:12.123456789Z", "2026-11-22T10:11:12.123456Z"),
        ("2026-11-22t10:11:12z", "2026-11-22T10:11:12.000000Z"),
        ("2026-11-22 10:11:12+00:00", "2026-11-22T10:11:12.000000Z"),
        ("2026-11-22T00:11:12+05:30", "2026-11-21T18:41:12.000000Z"),
        ("2026-11-22T23:11:12-08:00", "2026-11-23T07:11:12.000000Z"),
        ("2026-11-22T10:11:12-00:00", "2026-11-22T10:11:12.000000Z"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.999999Z"),
        ("2016-12-31T15:59:60.5-08:00", "2016-12-31T23:59:59.999999Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
        ("9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59.999999Z"),
        ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000000Z"),
    ],
)
def test_rfc_3339_is_written_in_one_form(text: str, written: str) -> None:
    assert timestamps.to_text(timestamps.parse(text)) == written


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "1790000000",
        "2026-11-22",
        "2026-11-22T10:11:12",
        "2026-11-22T10:11Z",
        "2026-11-22T24:00:00Z",
        "2026-11-22T10:60:00Z",
        "2026-11-22T10:11:61Z",
        "2026-13-01T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "2026-11-22T10:11:12+24:00",
        "2026-11-22T10:11:12+00:60",
        "2026-11-22T10:11:12.Z",
        "2026-11-22T10:11:12,5Z",
        "20261122T101112Z",
        "+002026-11-22T10:11:12Z",
        "10000-01-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+01:00",
        "٢٠٢٦-11-22T10:11:12Z",
        " 2026-11-22T10:11:12Z",
        "2026-11-22T10:11:12Z\n",
    ],
)
def test_what_is_no_rfc_3339_timestamp_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="invalid_timestamp"):
        timestamps.parse(text)


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_text_sorts_as_time(one: datetime, other: datetime) -> None:
    assert (timestamps.to_text(one) < timestamps.to_text(other)) == (one < other)


@given(st.datetimes(timezones=st.just(UTC)))
def test_the_written_form_is_read_back(moment: datetime) -> None:
    assert timestamps.parse(timestamps.to_text(moment)) == moment
