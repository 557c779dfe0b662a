"""How much is claimed ahead: little where Meta takes its time, more where the database is what takes it."""

from __future__ import annotations

import pytest

from flowbuilder.services.sending.ahead import Ahead


def _after(known: list[int], *, threads: int, per_second: int = 0) -> Ahead:
    ahead = Ahead(per_second, threads)
    for count in known:
        ahead.note(count)
    return ahead


@pytest.mark.parametrize(("threads", "known"), [(10, ([10] + [0] * 20) * 20), (128, [12] * 200), (128, []), (8, [0] * 100)])
def test_slow_answers_have_a_quarter_of_the_threads_wait_at_most(threads: int, known: list[int]) -> None:
    assert _after(known, threads=threads).most == threads + threads // 4


def test_quick_answers_have_more_wait_but_never_more_than_two_a_thread() -> None:
    assert 16 + 4 < _after([12] * 200, threads=16).most < 48
    assert _after([500] * 500, threads=16).most == 48


@pytest.mark.parametrize("known", [[], [500] * 500])
def test_a_line_with_a_limit_has_no_more_under_way_than_threads(known: list[int]) -> None:
    assert _after(known, threads=20, per_second=80).most == 20


def test_a_line_with_a_limit_claims_what_may_leave_soon() -> None:
    ahead = Ahead(80, 20)
    assert ahead.wanted(20, 0) * 1.0 <= 80 * ahead.rhythm * 2
    assert ahead.wanted(20, ahead.wanted(20, 0)) == 0
    assert ahead.wanted(0, 0) == 0
