"""The story of a batch, told in many ways by chance: safe at every moment, and at its end once the faults are over.

A seed that fails is named; ``Play(seed, ...)`` tells its story again, event by event.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from flowbuilder.core.delivery import DeliveryStatus
from flowbuilder.services.sending import crew, fate
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.whatsapp.errors import Verdict
from tests import worlds
from tests.faults.counts import times
from tests.faults.simulated import Play

CATEGORIES = ("MARKETING", "UTILITY")


@pytest.fixture
def here(line: Line) -> Iterator[Line]:
    """Its database need not outlive the machine, so that a story takes a moment only."""
    if db.engine.dialect.name != "sqlite":
        pytest.skip("a commit fails as SQLite's do")
    line.messages_per_second = 0
    worlds.seal(line)
    db.session.remove()
    db.engine.dispose()
    sa.event.listen(db.engine, "connect", _hurry)
    yield db.session.merge(line)
    sa.event.remove(db.engine, "connect", _hurry)


def _hurry(connection: Any, *_: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")


def _played(seed: int, line: Line) -> tuple[list[str], Counter[str]]:
    """What happened, and where everybody stood in the end."""
    play = Play(seed, line, CATEGORIES[seed % 2])
    try:
        play.run()
    except Exception as error:
        raise AssertionError("\n".join([f"seed {seed}: {error}", *play.story[-12:]])) from error
    return play.story, play.stands()


def test_every_story_is_safe_at_each_moment_and_comes_to_its_end(here: Line) -> None:
    seeds = times(60, 2000)
    died, stood = 0, Counter()
    for seed in range(seeds):
        story, stands = _played(seed, here)
        died += sum(" died " in event for event in story)
        stood += stands
    assert died >= seeds
    assert stood["unconfirmed"] >= seeds // 4
    assert stood["delivered"] >= seeds * 30


def test_a_seed_tells_the_same_story_again(here: Line) -> None:
    assert _played(5, here) == _played(5, here)


def test_a_sender_that_tries_again_whatever_happened_is_caught(here: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    def naive(message_id: int, error: Any, attempt: int, now: Any, **more: Any) -> fate.Fate:
        if error.verdict is Verdict.UNKNOWN:
            return fate.Fate(message_id, DeliveryStatus.QUEUED, due=now)
        return of_error(message_id, error, attempt, now, **more)

    of_error = fate.of_error
    monkeypatch.setattr(crew.fate, "of_error", naive)
    with pytest.raises(AssertionError, match="was accepted 2 times"):
        for seed in range(20):
            _played(seed, here)
