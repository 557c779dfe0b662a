from __future__ import annotations

from flowbuilder.core.languages import COMMON, LANGUAGES, direction, offered
from flowbuilder.core.review import MOVES, WORDS, ReviewStatus, is_waiting, may_move, status_for

S = ReviewStatus
META_EVENTS = {
    *("APPROVED", "REJECTED", "PENDING", "PAUSED", "DISABLED", "FLAGGED", "REINSTATED", "IN_APPEAL", "PENDING_DELETION"),
    *("DELETED", "LIMIT_EXCEEDED", "LOCKED", "ARCHIVED", "UNARCHIVED"),
}


def test_only_a_draft_can_be_submitted() -> None:
    assert [status for status in S if may_move(status, S.SUBMITTING)] == [S.DRAFT]


def test_nothing_that_meta_has_seen_becomes_a_draft_again() -> None:
    assert [status for status in S if may_move(status, S.DRAFT)] == [S.SUBMITTING]


def test_a_late_pending_does_not_take_a_decision_back() -> None:
    assert not may_move(S.APPROVED, S.PENDING)
    assert not may_move(S.REJECTED, S.PENDING)


def test_deleted_is_the_end() -> None:
    assert MOVES[S.DELETED] == frozenset()
    assert MOVES[S.PENDING_DELETION] == {S.DELETED}


def test_every_status_has_moves_and_words() -> None:
    assert set(MOVES) == set(S) == set(WORDS)


def test_every_word_of_meta_means_a_status_or_is_only_a_note() -> None:
    assert {event for event in META_EVENTS if status_for(event) is None} == {"FLAGGED", "LOCKED"}
    assert status_for("approved") is S.APPROVED
    assert status_for("SOMETHING_NEW") is None


def test_pages_wait_only_where_meta_has_to_decide() -> None:
    assert {s for s in S if is_waiting(s)} == {S.SUBMITTING, S.PENDING, S.IN_APPEAL}


def test_all_languages_are_offered_once_with_the_common_ones_first() -> None:
    codes = [code for _, group in offered() for code, _ in group]
    assert len(codes) == len(set(codes)) == len(LANGUAGES) == 111
    assert tuple(codes[: len(COMMON)]) == COMMON


def test_languages_written_from_the_right_are_known() -> None:
    assert {code for code in LANGUAGES if direction(code) == "rtl"} == {
        "ar", "ar_AE", "ar_EG", "ar_LB", "ar_MA", "ar_QA", "fa", "he", "prs_AF", "ps_AF", "ur",
    }  # fmt: skip
