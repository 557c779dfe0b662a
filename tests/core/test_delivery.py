"""Statuses only move forward, whatever the order in which evidence comes."""

from __future__ import annotations

from functools import reduce
from itertools import permutations, product

import pytest

from flowbuilder.core.delivery import EVIDENCE, DeliveryStatus, below, may_move, settle

S = DeliveryStatus
_FOUR = (S.SENT, S.DELIVERED, S.READ, S.FAILED)


@pytest.mark.parametrize("start", [S.SENDING, S.UNKNOWN, S.ACCEPTED])
@pytest.mark.parametrize("order", list(permutations(_FOUR)), ids="-".join)
def test_every_order_of_statuses_ends_the_same(start: S, order: tuple[S, ...]) -> None:
    assert reduce(settle, order, start) is S.READ
    assert reduce(settle, (each for status in order for each in (status, status)), start) is S.READ


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("start", [S.SENDING, S.UNKNOWN, S.UNCONFIRMED, S.ACCEPTED])
def test_the_end_depends_on_what_came_and_not_on_its_order(start: S, count: int) -> None:
    for heard in product(EVIDENCE, repeat=count):
        ends = {reduce(settle, order, start) for order in permutations(heard)}
        assert len(ends) == 1, heard


@pytest.mark.parametrize("now", S)
def test_hearing_the_same_twice_changes_nothing(now: S) -> None:
    for evidence in EVIDENCE:
        once = settle(now, evidence)
        assert settle(once, evidence) is once


def test_a_failure_never_overrules_delivery() -> None:
    assert settle(S.DELIVERED, S.FAILED) is S.DELIVERED
    assert settle(S.READ, S.FAILED) is S.READ
    assert settle(S.SENT, S.FAILED) is S.FAILED


@pytest.mark.parametrize("now", [S.SKIPPED, S.CANCELLED, S.RECEIVED])
def test_what_never_left_is_moved_by_no_evidence(now: S) -> None:
    assert {settle(now, evidence) for evidence in EVIDENCE} == {now}


def test_a_message_of_unknown_fate_is_never_queued_at_once() -> None:
    assert not may_move(S.UNKNOWN, S.QUEUED)
    assert may_move(S.UNKNOWN, S.UNCONFIRMED)
    assert may_move(S.UNCONFIRMED, S.QUEUED)


def test_what_was_accepted_is_never_queued_again() -> None:
    assert not any(may_move(now, S.QUEUED) for now in (S.ACCEPTED, S.SENT, S.DELIVERED, S.READ, S.FAILED, S.CANCELLED))


@pytest.mark.parametrize("now", S)
@pytest.mark.parametrize("to", EVIDENCE)
def test_below_and_settle_tell_the_same(now: S, to: S) -> None:
    assert (now in below(to)) == (settle(now, to) is to and now is not to)
