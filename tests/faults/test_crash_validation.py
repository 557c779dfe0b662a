"""Death at every single boundary of a validation: it is started as the same one, and its result is told once."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from flowbuilder.services.accounts import providers
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.sending import Message
from flowbuilder.store.validations import Validation, ValidationNews
from tests import worlds
from tests.faults.counts import times
from tests.faults.judge import is_whole
from tests.faults.machine import doubled
from tests.faults.test_crash_points import _die_at_each, _opener
from tests.faults.test_crash_steps import _story
from tests.fixtures.program import Program

MOST, STRIDE = 75, times(3, 1)


@pytest.fixture
def here(line: Line, simulator: Any) -> Line:
    line.messages_per_second, line.is_simulator = 0, True
    simulator.control("knobs", throughput=1000, pair_limit=False, tier="TIER_UNLIMITED")
    return worlds.seal(line)


def _flow(provider_id: str) -> dict[str, Any]:
    asked = {"provider": provider_id, "check": "document", "text": "Show it.", "label": "Open", "after": 86400, "variable": "identity"}
    told = {"variable": "identity", "approved": "Well done.", "rejected": "No.", "expired": "Over."}
    ways = tuple(("n2", port, "n3") for port in ("approved", "rejected", "expired"))
    steps = ("n1", "you_send_it", {}), ("n2", "validation", asked), ("n3", "validation_result", told)
    finish = ("n4", "finish", {"outcome": "success", "text": ""})
    return worlds.flow(*steps, finish, edges=(("n1", "continue", "n2"), *ways, ("n3", "next", "n4")))


def test_death_at_every_boundary_of_a_validation(
    here: Line, simulator: Any, program: Program, tmp_path: Path, database_url: str, redis_url: str
) -> None:
    program.usual = {"id": "check-1", "link": "https://identity.example.com/check-1"}
    secret = "whsec_" + base64.b64encode(b"s" * 32).decode()
    details = providers.Details(name="Example", base_url=program.url, secret=secret, checks=["document"])
    version = worlds.version(here, _flow(providers.add(here.workspace_id, details, user_id=None).id))
    openers = [_opener(here, version.id, number) for number in range(MOST // STRIDE)]
    boundaries = _die_at_each("talk", [_talk(here, opener) for opener in openers], tmp_path, database_url, redis_url, stride=STRIDE)
    assert 15 // STRIDE <= boundaries < MOST // STRIDE
    db.session.rollback()
    count = boundaries + 1
    assert [_story(opener) for opener in openers[:count]] == [["Show it.", "Well done."]] * count
    assert {one.headers["idempotency-key"] for one in program.asked} == {row.id for row in db.session.query(Validation)}
    assert [(row.status, row.moved) for row in db.session.query(ValidationNews)] == [("approved", True)] * count
    assert doubled(simulator) == {}
    assert is_whole()


def _talk(line: Line, opener: Message) -> dict[str, Any]:
    """Continue; the start, once more later, when the dead have let go; the result."""
    button = {"payload": "continue", "text": "Continue"}
    body = worlds.said_to_us(f"a{opener.id}", wa_id=opener.phone[1:], quoted=opener.wamid, button=button)
    return {"steps": [{"line_id": line.id, "body": body.decode()}, 60, 150, {"opener": opener.id, "status": "approved"}, 200, 400]}
