"""A day, a time and a time zone are one moment, also when clocks are changed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowbuilder.core import moments
from flowbuilder.core.finding import Finding


@pytest.mark.parametrize(
    ("local", "zone", "hour"),
    [("2026-07-01T09:30", "Europe/Berlin", 7), ("2026-12-01T09:30", "Europe/Berlin", 8), ("2026-07-01 09:30", "UTC", 9)],
)
def test_summer_time_counts(local: str, zone: str, hour: int) -> None:
    found = moments.read(local, zone)
    assert isinstance(found, datetime)
    assert (found.hour, found.minute, found.tzinfo) == (hour, 30, UTC)


@pytest.mark.parametrize(
    ("local", "zone"),
    [("2026-03-29T02:30", "Europe/Berlin"), ("2026-03-08T02:15", "America/New_York"), ("2026-09-06T00:30", "America/Santiago")],
)
def test_a_time_that_no_clock_shows_is_refused(local: str, zone: str) -> None:
    found = moments.read(local, zone)
    assert isinstance(found, Finding)
    assert (found.code, found.field) == ("skipped", "at")
    assert local[-5:] in found.text


@pytest.mark.parametrize(("local", "zone", "hour"), [("2026-10-25T02:30", "Europe/Berlin", 0), ("2026-11-01T01:30", "America/New_York", 5)])
def test_of_a_time_that_a_clock_shows_twice_it_is_the_first(local: str, zone: str, hour: int) -> None:
    found = moments.read(local, zone)
    assert isinstance(found, datetime)
    assert found.hour == hour


@pytest.mark.parametrize(("local", "zone", "code"), [("tomorrow", "UTC", "malformed"), ("2026-05-01T09:30", "Mars/X", "unknown_zone")])
def test_what_is_no_moment_is_told(local: str, zone: str, code: str) -> None:
    found = moments.read(local, zone)
    assert isinstance(found, Finding)
    assert found.code == code


def test_a_moment_is_told_with_its_zone() -> None:
    moment = datetime(2026, 5, 1, 7, 30, tzinfo=UTC)
    assert moments.words(moment, "Europe/Berlin") == "Fri 1 May 2026, 09:30 (Europe/Berlin, UTC+02:00)"
    assert moments.words(moment, "America/Bogota") == "Fri 1 May 2026, 02:30 (America/Bogota, UTC-05:00)"
    assert moments.words(moment, "nowhere") == "Fri 1 May 2026, 07:30 (UTC)"


@given(
    st.integers(min_value=28_401_120, max_value=34_186_080).map(lambda minutes: datetime.fromtimestamp(60 * minutes, UTC)),
    st.sampled_from(moments.zones()),
)
def test_what_a_field_shows_is_read_as_the_same_moment_or_an_hour_earlier(moment: datetime, zone: str) -> None:
    found = moments.read(moments.field_value(moment, zone), zone)
    assert isinstance(found, datetime)
    assert 0 <= (moment - found).total_seconds() <= 7200
