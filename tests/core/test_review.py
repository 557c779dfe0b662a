from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from flowbuilder.core.languages import COMMON, LANGUAGES, direction, offered
from flowbuilder.core.review import (
    EVENTS,
    MOVES,
    WORDS,
    ReviewStatus,
    Said,
    Standing,
    ask_at,
    hear,
    in_words,
    is_waiting,
    may_move,
    status_for,
)

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
    assert set(EVENTS) == META_EVENTS
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


NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
META_STATUSES = [status for status in S if status not in (S.DRAFT, S.SUBMITTING)]
WORDS_OF_META = st.builds(
    Said,
    event=st.sampled_from([*EVENTS, "SOMETHING_NEW", ""]),
    at=st.none() | st.integers(0, 8).map(lambda hours: NOON + timedelta(hours=hours)),
    reason=st.sampled_from(("", "INVALID_FORMAT", "PROMOTIONAL", "NEW_REASON")),
    recommendation=st.sampled_from(("", "Separate them.")),
    note=st.sampled_from(("", "FIRST_PAUSE", "SECOND_PAUSE", "UNPAUSE", "WHO_KNOWS")),
)


@given(st.sampled_from(META_STATUSES), st.lists(WORDS_OF_META, max_size=12))
def test_no_order_of_words_leaves_the_table(start: ReviewStatus, said: list[Said]) -> None:
    standing = Standing(status=start, told_at=NOON)
    for word in said:
        after = hear(standing, word)
        if after.status is not standing.status:
            assert may_move(standing.status, after.status, is_newer=bool(word.at and word.at > standing.told_at))
            assert after.status is status_for(word.event)
        assert after.told_at >= standing.told_at
        assert after.paused_until is None or after.status is S.PAUSED
        assert after.status not in (S.DRAFT, S.SUBMITTING)
        standing = after


@given(st.sampled_from(META_STATUSES), st.lists(WORDS_OF_META, max_size=8))
def test_the_last_word_said_again_changes_nothing(start: ReviewStatus, said: list[Said]) -> None:
    standing = Standing(status=start, told_at=NOON)
    for word in said:
        standing = hear(standing, word)
        assert hear(standing, word) is standing


HOURS = [("PENDING", 0), ("APPROVED", 1), ("PAUSED", 2), ("APPROVED", 3), ("REJECTED", 4), ("IN_APPEAL", 5), ("APPROVED", 6)]


@given(st.permutations(HOURS))
def test_in_whatever_order_they_come_the_newest_word_holds(words: list[tuple[str, int]]) -> None:
    standing = Standing(status=S.PENDING, told_at=NOON - timedelta(hours=1))
    for event, hour in words:
        standing = hear(standing, Said(event=event, at=NOON + timedelta(hours=hour)))
    assert (standing.status, standing.told_at) == (S.APPROVED, NOON + timedelta(hours=6))


def test_a_pause_says_when_it_ends() -> None:
    approved = Standing(status=S.APPROVED, told_at=NOON)
    first = hear(approved, Said(event="PAUSED", at=NOON, note="FIRST_PAUSE"))
    second = hear(first, Said(event="PAUSED", at=NOON + timedelta(hours=4), note="SECOND_PAUSE"))
    assert first.paused_until == NOON + timedelta(hours=3)
    advised = Said(event="PAUSED", at=NOON + timedelta(hours=1), note="FIRST_PAUSE", recommendation="Separate them.")
    assert hear(first, advised).recommendation == "Separate them."
    assert second.paused_until == NOON + timedelta(hours=10)
    assert hear(second, Said(event="APPROVED", at=NOON + timedelta(hours=10))).paused_until is None
    assert hear(approved, Said(event="PAUSED", at=NOON, note="RATE_LIMITING_PAUSE")).paused_until is None


def test_an_edit_at_meta_sends_an_approved_message_back_to_review_only_if_it_is_newer() -> None:
    approved = Standing(status=S.APPROVED, told_at=NOON)
    assert hear(approved, Said(event="PENDING", at=NOON + timedelta(seconds=1))).status is S.PENDING
    for at in (None, NOON, NOON - timedelta(seconds=1)):
        assert hear(approved, Said(event="PENDING", at=at)) is approved


def test_meta_is_asked_ever_more_rarely_and_not_at_all_when_nothing_is_expected() -> None:
    waits = [(ask_at(S.PENDING, asks, NOON) - NOON).total_seconds() / 60 for asks in range(10)]
    assert waits == [3, 6, 12, 24, 48, 96, 192, 384, 720, 720]
    settled = {S.DRAFT, S.APPROVED, S.REJECTED, S.DISABLED, S.ARCHIVED, S.DELETED}
    assert {status for status in S if ask_at(status, 0, NOON) is None} == settled
    assert ask_at(S.PAUSED, 0, NOON, NOON + timedelta(hours=3)) == NOON + timedelta(hours=3, minutes=1)


def test_a_word_that_meta_has_invented_since_is_shown_as_it_is() -> None:
    assert in_words("SOMETHING_NEW") == "Meta says: something new."
    assert in_words("flagged") == EVENTS["FLAGGED"].text
