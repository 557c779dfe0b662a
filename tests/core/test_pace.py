"""The rate of a batch over time, from the moments of its messages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from flowbuilder.core.pace import NAMES, pace

START = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)


def _rows(count: int, per_second: float) -> list[tuple[datetime | None, ...]]:
    return [(START + timedelta(seconds=at / per_second), None, None, None) for at in range(count)]


def test_nothing_has_a_rate_before_something_left() -> None:
    assert pace([]) is None
    assert pace([(None, None, None, None)]) is None


def test_a_steady_batch_has_a_steady_rate() -> None:
    found = pace(_rows(800, 80))
    assert found is not None
    assert (found.start, found.bucket, len(found.rates)) == (int(START.timestamp()) - 1, 1, len(NAMES))
    assert found.rates[0][:11] == (0, *(80.0,) * 10)
    assert found.highest == 80


def test_a_batch_of_which_every_hundredth_was_looked_at_shows_the_whole_rate() -> None:
    found = pace(_rows(1_000_000, 80)[::100], step=100)
    assert found is not None
    assert found.bucket >= 25
    assert all(75 <= rate <= 85 for rate in found.rates[0][1:-40] if rate)


def test_reading_days_later_does_not_flatten_the_sending() -> None:
    rows = [*_rows(100, 10), (START, None, START + timedelta(days=3), None)]
    found = pace(rows)
    assert found is not None
    assert found.bucket == 1


def test_a_batch_of_a_moment_is_drawn_in_half_a_minute_and_not_beyond() -> None:
    read = [(START, START, START + timedelta(seconds=2), None)] * 40
    found = pace(read)
    assert found is not None
    assert (found.bucket, len(found.rates[0])) == (1, 33)
    assert found.rates[0][:3] == (0, 40, 0)
    late = pace([*read, (START, START, START + timedelta(seconds=50), None)])
    assert late is not None
    assert (len(late.rates[0]), late.rates[2][-2:]) == (53, (1, 0))


def test_a_batch_of_refusals_alone_has_a_rate_of_failures() -> None:
    found = pace([(None, None, None, START + timedelta(seconds=at)) for at in range(5)])
    assert found is not None
    assert sum(found.rates[3]) == 5


@given(st.lists(st.tuples(*[st.none() | st.integers(0, 2_000_000).map(lambda at: START + timedelta(seconds=at))] * 4), max_size=50))
def test_no_chart_has_more_points_than_can_be_drawn(rows: list[tuple[datetime | None, ...]]) -> None:
    found = pace(rows)
    assert found is None or 1 <= len(found.rates[0]) <= 300
