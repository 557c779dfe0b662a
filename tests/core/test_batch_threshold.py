"""When so many fail that a batch had better stop."""

from __future__ import annotations

import pytest

from flowbuilder.core.batch import MOVES, BatchStatus, fails_too_often, may_move


@pytest.mark.parametrize(
    ("failed", "percent", "stops"),
    [
        ([True] * 49, 30, False),
        ([True] * 50, 30, True),
        ([True] * 15 + [False] * 35, 30, True),
        ([True] * 14 + [False] * 36, 30, False),
        ([False] * 100 + [True] * 900, 30, False),
        ([True] * 30 + [False] * 70, 30, True),
        ([True] * 100, 0, False),
        ([True] * 99 + [False], 100, False),
    ],
)
def test_thirty_of_the_last_hundred_with_fifty_tried(failed: list[bool], percent: int, stops: bool) -> None:
    assert fails_too_often(failed, percent) is stops


def test_every_status_has_moves_and_an_end() -> None:
    assert set(MOVES) == set(BatchStatus)
    for status in BatchStatus:
        reached, seen = {status}, set()
        while reached - seen:
            seen |= reached
            reached = {after for before in seen for after in MOVES[before]}
        assert status.is_over or seen & {BatchStatus.CANCELLED}


def test_a_batch_that_holds_only_goes_on_by_a_word_or_is_cancelled() -> None:
    assert {after for after in BatchStatus if may_move(BatchStatus.HOLDING, after)} == {BatchStatus.RUNNING, BatchStatus.CANCELLED}
