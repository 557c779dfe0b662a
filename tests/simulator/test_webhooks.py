"""Webhooks: the handshake, the signature, retries, order, batches, and what survives a restart."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.simulator.running import APP, NUMBER, SETTINGS, WABA, Business, Running, filled, listening, running, until

PERSON = "+16505551234"


def test_a_callback_must_repeat_the_challenge(sim: Running) -> None:
    with listening(Business(token="another")) as business:
        sent = {"override_callback_uri": business.url, "verify_token": "verify-me"}
        answer = sim.graph("POST", f"{WABA}/subscribed_apps", json=sent)

    assert sim.refusal(answer)[0] == 2200
    assert "override_callback_uri" not in sim.graph("GET", f"{WABA}/subscribed_apps").json()["data"][0]


def test_the_number_goes_before_the_account_and_that_before_the_app(sim: Running) -> None:
    with listening(Business()) as app, listening(Business()) as account, listening(Business()) as number:
        subscription = {"object": "whatsapp_business_account", "callback_url": app.url, "verify_token": app.token}
        sim.graph("POST", f"{APP}/subscriptions", json=subscription)
        sim.write(PERSON, "to the app")
        until(lambda: app.messages())
        sim.subscribe(account)
        sim.write(PERSON, "to the account")
        until(lambda: account.messages())
        override = {"override_callback_uri": number.url, "verify_token": number.token}
        sim.graph("POST", NUMBER, json={"webhook_configuration": override})
        sim.write(PERSON, "to the number")
        until(lambda: number.messages())

    told = [[one["text"]["body"] for one in business.messages()] for business in (app, account, number)]
    assert told == [["to the app"], ["to the account"], ["to the number"]]


def test_every_post_is_signed_over_its_raw_bytes(sim: Running, business: Business) -> None:
    sim.write(PERSON, "äöå / 😀 <b>")
    until(lambda: business.messages())

    for body, signature in business.posts:
        assert signature == "sha256=" + hmac.new(SETTINGS.app_secret.encode(), body, hashlib.sha256).hexdigest()
    body = business.posts[0][0]
    assert body.isascii()
    assert rb"\u00e4\u00f6\u00e5 \/ \ud83d\ude00 <b>" in body
    assert business.messages()[0]["text"]["body"] == "äöå / 😀 <b>"
    assert json.dumps(json.loads(body)).encode() != body


def test_a_message_of_a_person_names_number_and_user_id(sim: Running, business: Business) -> None:
    sim.write(PERSON)
    value = until(lambda: business.changes())[0]

    assert value["metadata"] == {"display_phone_number": "15550100001", "phone_number_id": NUMBER}
    assert value["messages"][0]["from"] == value["contacts"][0]["wa_id"] == "16505551234"
    assert value["messages"][0]["from_user_id"] == value["contacts"][0]["user_id"]
    assert value["contacts"][0]["user_id"].startswith("US.")
    assert isinstance(value["messages"][0]["timestamp"], str)


def test_a_person_with_a_username_keeps_the_number_private(sim: Running, business: Business) -> None:
    sim.control(f"phones/{PERSON[1:]}/set", username="ann")
    sim.write(PERSON)
    value = until(lambda: business.changes())[0]

    assert "from" not in value["messages"][0]
    assert "wa_id" not in value["contacts"][0]
    assert value["contacts"][0]["profile"]["username"] == "ann"


def test_taps_come_back_as_meta_sends_them(sim: Running, business: Business) -> None:
    sim.approved()
    payload = {"type": "button", "sub_type": "quick_reply", "index": "0", "parameters": [{"type": "payload", "payload": "continue"}]}
    sent = filled()
    sent["template"]["components"].append(payload)
    template_wamid = sim.sent(PERSON, **sent)
    sim.control(f"phones/{PERSON[1:]}/tap", title="Continue")
    sim.control(f"phones/{PERSON[1:]}/tap", title="Cancel")
    action = {"button": "Open", "sections": [{"rows": [{"id": "r1", "title": "First", "description": "The best"}]}]}
    list_wamid = sim.sent(PERSON, type="interactive", interactive={"type": "list", "body": {"text": "Choose"}, "action": action})
    sim.control(f"phones/{PERSON[1:]}/tap", title="First")
    buttons = {"buttons": [{"type": "reply", "reply": {"id": "b1", "title": "Yes"}}]}
    sim.sent(PERSON, type="interactive", interactive={"type": "button", "body": {"text": "Sure?"}, "action": buttons})
    sim.control(f"phones/{PERSON[1:]}/tap", title="b1")

    quick, label, row, reply = until(lambda: business.messages()[3:] and business.messages())
    assert quick["button"] == {"payload": "continue", "text": "Continue"}
    assert quick["context"] == {"from": "15550100001", "id": template_wamid}
    assert label["button"] == {"payload": "Cancel", "text": "Cancel"}
    assert row["interactive"] == {"type": "list_reply", "list_reply": {"id": "r1", "title": "First", "description": "The best"}}
    assert row["context"]["id"] == list_wamid
    assert reply["interactive"] == {"type": "button_reply", "button_reply": {"id": "b1", "title": "Yes"}}


def test_statuses_come_in_order_with_callback_data_and_price(sim: Running, business: Business) -> None:
    sim.approved()
    wamid = sim.sent(PERSON, **filled(biz_opaque_callback_data="camp/1"))
    until(lambda: business.statuses(wamid) == ["sent", "delivered", "read"])

    first = business.changes()[0]["statuses"][0]
    assert first["biz_opaque_callback_data"] == "camp/1"
    assert first["pricing"] == {"billable": True, "pricing_model": "PMP", "type": "regular", "category": "utility"}
    assert "conversation" not in first


def test_contacts_stand_beside_failed_statuses_only_when_so_chosen(sim: Running, business: Business) -> None:
    sim.sent(PERSON)
    assert "contacts" not in until(lambda: business.changes())[0]

    sim.control("knobs", contacts_on_failed=True)
    sim.sent(PERSON)
    assert "contacts" in until(lambda: business.changes()[1:])[0]


@pytest.mark.parametrize("refusals", [[500], [404, 302, 503], [201]])
def test_what_is_not_answered_with_200_comes_again(sim: Running, business: Business, refusals: list[int]) -> None:
    business.answers.extend(refusals)
    sim.write(PERSON)

    until(lambda: business.messages())
    assert len(business.messages()) == 1
    assert business.answers == []


def test_a_business_that_is_away_is_told_in_order_when_it_is_back(sim: Running) -> None:
    with listening(Business()) as business:
        sim.subscribe(business)
        port = business.port
    for number in range(5):
        sim.write(PERSON, f"message {number}")
    assert until(lambda: [one for one in sim.control("webhooks") if one["problem"]])

    with listening(Business(port=port)) as business:
        until(lambda: len(business.messages()) == 5)
        assert [one["text"]["body"] for one in business.messages()] == [f"message {number}" for number in range(5)]


def test_a_backlog_comes_many_to_a_post(sim: Running) -> None:
    sim.control("knobs", throughput=1000, auto_read=0.0)
    with listening(Business()) as business:
        sim.subscribe(business)
        port = business.port
    sim.approved()
    wamids = [sim.sent(f"+4477009000{number:02}", **filled()) for number in range(30)]

    with listening(Business(port=port)) as business:
        until(lambda: len(business.statuses()) == 60)
        assert len(business.posts) < 20
        assert all(business.statuses(wamid) == ["sent", "delivered"] for wamid in wamids)
        assert max(len(value.get("statuses", ())) for value in business.changes()) > 1


def test_a_restart_goes_on_where_it_was(tmp_path: Path) -> None:
    with listening(Business()) as business:
        with running(tmp_path) as sim:
            sim.subscribe(business)
            sim.approved()
            port = business.port
            sim.control("knobs", delivered_after=30.0, review_seconds=30.0)
            wamid = sim.sent(PERSON, **filled(biz_opaque_callback_data="row-1"))
            until(lambda: business.statuses(wamid) == ["sent"])
            pending = int(sim.submit("another", language="en_GB").json()["id"])
        with running(tmp_path) as sim:
            assert sim.control("ledger/callbacks") == {"row-1": 1}
            assert sim.status(pending) == "PENDING"
            sim.control("clock", advance=31)
            until(lambda: business.statuses(wamid)[:2] == ["sent", "delivered"])
            until(lambda: sim.status(pending) == "APPROVED")
            assert sim.graph("GET", f"{WABA}/subscribed_apps").json()["data"][0]["override_callback_uri"].endswith(f":{port}/hook")


@contextmanager
def _process(home: Path) -> Iterator[tuple[subprocess.Popen[str], Running]]:
    """The simulator as a program of its own, for tests that kill it."""
    secrets = {"SIMULATOR_APP_SECRET": SETTINGS.app_secret, "SIMULATOR_ACCESS_TOKEN": SETTINGS.access_token}
    command = [sys.executable, "-m", "flowbuilder.simulator", "--port", "0", "--home", str(home)]
    process = subprocess.Popen(command, env={**os.environ, **secrets}, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    url = process.stdout.readline().split()[-1]
    with running(home.parent / "unused") as other:
        yield process, Running(url, other.world, other.session)
        process.send_signal(signal.SIGKILL)
        process.wait(5)


def test_a_killed_simulator_still_tells_what_it_had_to_tell(tmp_path: Path) -> None:
    with listening(Business()) as business:
        with _process(tmp_path / "home") as (_, sim):
            sim.subscribe(business)
            business.answers.extend([500] * 3)
            sim.write(PERSON)
        with running(tmp_path / "home"):
            until(lambda: business.messages())

    assert len({one["id"] for one in business.messages()}) == 1


def test_every_send_that_was_answered_is_in_the_ledger_after_a_kill(tmp_path: Path) -> None:
    answered: list[str] = []
    with _process(tmp_path / "home") as (process, sim):
        sim.control("knobs", throughput=1000)
        for number in range(5000):
            if number == 200:
                threading.Timer(0.05, process.kill).start()
            try:
                answer = sim.send(f"+4477009{number:05}", text={"body": "Hello"}, biz_opaque_callback_data=f"row-{number}")
            except requests.ConnectionError:
                break
            assert answer.status_code == 200
            answered.append(f"row-{number}")

    with running(tmp_path / "home") as sim:
        accepted = sim.control("ledger/callbacks")
    assert 200 <= len(answered) < 5000
    assert set(answered) <= set(accepted)
    assert set(accepted.values()) == {1}
    assert len(accepted) - len(answered) <= 1


def test_nobody_is_told_when_nobody_has_subscribed(sim: Running) -> None:
    sim.write(PERSON)

    assert sim.control("webhooks") == []
