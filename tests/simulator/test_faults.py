"""Faults by seed: what the client sees, what was really accepted, and that a run repeats."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from flowbuilder.simulator.codes import CODES
from tests.simulator.running import NUMBER, WABA, Business, Running, filled, until

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


@pytest.mark.parametrize(
    ("kind", "status", "accepted"),
    [("gateway", 502, 0), ("redirect", 302, 0), ("bad_json", 200, 1), ("no_id", 200, 1), ("gateway_after", 504, 1)],
)
def test_an_answer_can_be_none_that_the_api_would_give(sim: Running, kind: str, status: int, accepted: int) -> None:
    _wrong(sim, kind=kind, times=1)
    document = {"messaging_product": "whatsapp", "to": PERSON, "text": {"body": "Hello"}}
    answer = sim.graph("POST", f"{NUMBER}/messages", json=document, allow_redirects=False)

    assert answer.status_code == status
    assert b"wamid" not in answer.content or kind == "bad_json"
    assert sim.control("ledger")["accepted"] == accepted
    assert sim.send(PERSON).status_code == 200


def test_throttling_lets_through_what_the_rate_allows(sim: Running) -> None:
    sim.control("knobs", throughput=1000, pair_limit=False)
    _wrong(sim, kind="throttle", rate=20)
    answers = [sim.send(PERSON) for _ in range(40)]

    refused = [answer for answer in answers if answer.status_code != 200]
    assert {sim.refusal(answer)[0] for answer in refused} == {130429}
    assert sim.control("ledger")["accepted"] == 40 - len(refused) < 40


def test_a_revoked_token_refuses_every_call_until_it_is_good_again(sim: Running) -> None:
    _wrong(sim, kind="token")

    assert sim.refusal(sim.send(PERSON))[0] == sim.refusal(sim.graph("GET", f"{WABA}/message_templates"))[0] == 190
    sim.control("faults", rules=[], by="test")
    assert sim.send(PERSON).status_code == 200


def test_a_template_can_be_paused_in_the_middle_of_a_batch(sim: Running, business: Business) -> None:
    template_id = sim.approved()
    _wrong(sim, kind="pause_template", skip=2, times=1)
    codes = [sim.send(f"+4477009001{n:02}", **filled()).json().get("error", {}).get("code") for n in range(4)]

    assert codes == [None, None, 132015, 132015]
    assert sim.status(template_id) == "PAUSED"
    until(lambda: business.changes("message_template_status_update")[-1]["event"] == "PAUSED")


def test_in_an_outage_nobody_can_connect_and_afterwards_everybody_can(sim: Running) -> None:
    _wrong(sim, kind="outage", seconds=1.2)

    def is_refused() -> bool:
        try:
            requests.get(f"{sim.url}/_sim/health", timeout=2)
        except requests.ConnectionError as error:
            return "refused" in str(error).lower()
        return False

    until(is_refused)
    until(lambda: not is_refused())
    assert sim.send(PERSON).status_code == 200


def test_webhooks_that_are_held_back_come_all_at_once(sim: Running, business: Business) -> None:
    sim.write(PERSON)
    until(business.messages)
    _wrong(sim, kind="webhook_hold")
    sim.sent(PERSON)
    until(lambda: sim.control("ledger")["webhooks_waiting"] == 3)
    assert business.statuses() == []

    sim.control("faults", rules=[], by="test")
    until(lambda: business.statuses() == ["sent", "delivered", "read"])


def test_what_people_say_can_be_told_twice_too(sim: Running, business: Business) -> None:
    _wrong(sim, kind="webhook_duplicate")
    sim.write(PERSON)

    first, second = until(lambda: len(business.messages()) == 2 and business.messages())
    assert first == second


def test_each_code_can_be_told(sim: Running) -> None:
    for code, (status, _title) in CODES.items():
        _wrong(sim, kind="error", code=code)
        answer = sim.send(PERSON)
        assert (answer.status_code, sim.refusal(answer)[0]) == (status, code)
    assert sim.control("ledger")["accepted"] == 0


def test_a_rule_spares_the_first_ones(sim: Running) -> None:
    sim.control("knobs", pair_limit=False)
    _wrong(sim, kind="error", skip=3, times=1)

    assert [sim.send(PERSON).status_code for _ in range(5)] == [200, 200, 200, 500, 200]


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
