"""Batches: allowed moves, and numbers that always add up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowbuilder.core.batch import MOVES, BatchNumbers, BatchStatus, duration, may_move, seconds_left, sources

_STATUSES = ["queued", "sending", "unknown", "accepted", "sent", "delivered", "read", "failed", "skipped", "unconfirmed", "cancelled"]


@given(st.dictionaries(st.sampled_from(_STATUSES), st.integers(0, 10**6)), st.integers(0, 10**6))
def test_every_row_of_the_file_is_counted_exactly_once(counts, faulty):
    numbers = BatchNumbers.of(counts, faulty=faulty)
    assert numbers.rows == sum(counts.values()) + faulty
    assert numbers.out + numbers.failed + numbers.skipped + numbers.unconfirmed + numbers.cancelled == numbers.settled


@given(st.dictionaries(st.sampled_from(_STATUSES), st.integers(0, 100)), st.integers(0, 3))
def test_the_funnel_never_widens(counts, answered):
    steps = [count for name, count in BatchNumbers.of(counts, answered=answered).funnel() if name != "answered"]
    assert steps == sorted(steps, reverse=True)


def test_a_cancelled_batch_moves_no_more_and_a_finished_one_only_to_run_again():
    assert [status for status in BatchStatus if status.is_over] == [BatchStatus.CANCELLED, BatchStatus.FINISHED]
    assert MOVES[BatchStatus.CANCELLED] == frozenset()
    assert MOVES[BatchStatus.FINISHED] == {BatchStatus.RUNNING}


def test_only_a_draft_or_a_batch_that_waits_or_was_on_its_way_can_run():
    waiting = {BatchStatus.DRAFT, BatchStatus.SCHEDULED, BatchStatus.HOLDING, BatchStatus.PAUSED}
    assert set(sources(BatchStatus.RUNNING)) == waiting | {BatchStatus.STOPPED, BatchStatus.FINISHED}
    assert not may_move(BatchStatus.RUNNING, BatchStatus.RUNNING)
    assert set(MOVES) == set(BatchStatus)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "less than a second"), (1, "1 second"), (25, "25 seconds"), (240, "4 minutes"), (12480, "3 hours 28 minutes"), (7200, "2 hours")],
)
def test_durations_are_said_in_words(seconds, words):
    assert duration(seconds) == words


def test_the_time_left_is_unknown_when_nothing_moves():
    assert seconds_left(100, 0) is None
    assert seconds_left(0, 0) == 0
    assert seconds_left(1_000_000, 80) == 12_500
