"""Faults by seed: what the client sees, what was really accepted, and that a run repeats."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.simulator.running import WABA, Business, Running, until

PERSON = "+16505551234"


def _wrong(sim: Running, **rule: Any) -> None:
    sim.control("faults", rules=[rule])


def test_a_dropped_answer_hides_a_message_that_was_accepted(sim: Running, business: Business) -> None:
    sim.write(PERSON)
    _wrong(sim, kind="drop_answer")
    with pytest.raises(requests.ConnectionError):
        sim.send(PERSON, text={"body": "Hello"}, biz_opaque_callback_data="row-1")

    assert sim.control("ledger/callbacks") == {"row-1": 1}
    until(lambda: "read" in business.statuses())


def test_half_an_answer_cannot_be_read(sim: Running) -> None:
    _wrong(sim, kind="half_answer")
    with pytest.raises(requests.exceptions.RequestException):
        sim.send(PERSON)

    assert sim.control("ledger")["accepted"] == 1


def test_a_refusal_by_fault_accepts_nothing_and_carries_the_code(sim: Running) -> None:
    _wrong(sim, kind="error", code=131016, times=1)
    answer = sim.send(PERSON)

    assert (answer.status_code, sim.refusal(answer)[0]) == (500, 131016)
    assert answer.json()["error"]["is_transient"] is True
    assert sim.control("ledger")["accepted"] == 0
    assert sim.send(PERSON).status_code == 200


def test_an_error_can_come_although_the_message_was_accepted(sim: Running) -> None:
    _wrong(sim, kind="error_after", code=131000)

    assert sim.refusal(sim.send(PERSON))[0] == 131000
    assert sim.control("ledger")["accepted"] == 1


def test_a_fault_can_be_for_one_person_only(sim: Running) -> None:
    _wrong(sim, kind="error", code=131000, to="447700900123")

    assert sim.send("+44 7700 900123").status_code == 500
    assert sim.send(PERSON).status_code == 200


def test_a_status_can_come_before_the_answer(sim: Running, business: Business) -> None:
    sim.write(PERSON)
    sim.control("knobs", sent_after=60.0)
    _wrong(sim, kind="webhook_first", seconds=0.6)
    wamid = sim.sent(PERSON)

    assert business.statuses(wamid)[:1] == ["sent"]


def test_an_accepted_message_can_fail_with_any_code(sim: Running, business: Business) -> None:
    sim.write(PERSON)
    _wrong(sim, kind="fail", code=131049)
    wamid = sim.sent(PERSON)

    until(lambda: business.statuses(wamid) == ["sent", "failed"])


def test_statuses_can_come_twice(sim: Running, business: Business) -> None:
    sim.write(PERSON)
    _wrong(sim, kind="webhook_duplicate")
    wamid = sim.sent(PERSON)

    until(lambda: sorted(business.statuses(wamid)) == ["delivered", "delivered", "read", "read", "sent", "sent"])


def test_statuses_can_overtake_each_other(sim: Running, business: Business) -> None:
    sim.write(PERSON)
    _wrong(sim, kind="webhook_reorder", seconds=0.5)
    wamids = [sim.sent(PERSON, text={"body": "Hello"}, biz_opaque_callback_data=f"row-{n}") for n in range(8)]
    until(lambda: len(business.statuses()) == 24)

    assert any(business.statuses(wamid) != ["sent", "delivered", "read"] for wamid in wamids)


def test_the_same_seed_fails_in_the_same_places(sim: Running) -> None:
    def refused(seed: int) -> list[int]:
        sim.control("knobs", seed=seed, throughput=1000)
        _wrong(sim, kind="error", chance=0.5)
        text = {"body": "Hello"}
        answers = [sim.send(f"+4477009000{n:02}", text=text, biz_opaque_callback_data=f"{n}") for n in range(30)]
        return [n for n, answer in enumerate(answers) if answer.status_code != 200]

    first, other, again = refused(7), refused(8), refused(7)

    assert first == again != other
    assert 5 < len(first) < 25


def test_calls_about_templates_can_fail_too(sim: Running) -> None:
    _wrong(sim, kind="template_error", code=80007, times=1)

    assert sim.refusal(sim.graph("GET", f"{WABA}/message_templates"))[0] == 80007
    assert sim.graph("GET", f"{WABA}/message_templates").status_code == 200


@pytest.mark.parametrize(
    "rule", [{"kind": "magic"}, {"kind": "error", "code": 7}, {"kind": "error", "chance": 2}, {"kind": "error", "colour": "red"}]
)
def test_a_fault_that_is_none_is_refused_with_a_sentence(sim: Running, rule: dict[str, Any]) -> None:
    answer = sim.session.post(f"{sim.url}/_sim/faults", json={"rules": [rule]})

    assert answer.status_code == 400
    assert answer.json()["error"].endswith(".")


@pytest.mark.parametrize("knob", [{"colour": 1}, {"throughput": 0}, {"throughput": 1001}, {"auto_read": 2.0}, {"tier": "TIER_9"}])
def test_a_knob_that_does_not_turn_says_why(sim: Running, knob: dict[str, Any]) -> None:
    answer = sim.session.post(f"{sim.url}/_sim/knobs", json=knob)

    assert answer.status_code == 400
    assert answer.json()["error"].endswith(".")
