"""The two doors and the single message."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from flowbuilder.store import db
from flowbuilder.store.flows import FlowVersion
from flowbuilder.store.sending import Message
from tests import worlds
from tests.web.sending.pages import HTMX, wish, words
from tests.web.sending.pages import page as page_of


def test_a_message_that_is_not_approved_offers_no_form(sign_in, template):
    page = page_of(sign_in("tester").get(f"/outbound/{template(status='pending').id}/send"))
    assert page.select_one("#single") is None
    assert "Only messages that Meta has approved can be sent" in words(page)


def test_the_single_form_asks_for_country_number_each_word_and_consent(sign_in, template):
    page = page_of(sign_in("tester").get(f"/outbound/{template().id}/send"))
    labels = [words(label) for label in page.select("#single label")]
    assert labels == ["Country", "Phone number", "first_name", "order_number", "This person agreed to get messages from us"]
    assert page.select_one("[name=value_first_name]")["placeholder"] == "Ann"
    assert len(page.select("[name=country] option")) > 230
    assert page.select_one("[name=country] option[selected]")["value"] == "US"
    assert [words(tab) for tab in page.select(".tabs a")] == ["Single message", "Batch sending"]


def test_what_they_will_read_follows_what_is_typed(sign_in, template):
    client, address = sign_in("tester"), f"/outbound/{template().id}/send"
    preview = page_of(client.get(address)).select_one("[hx-get$='/send/preview']")["hx-get"]
    shown = words(page_of(client.get(preview, query_string={"value_first_name": "Bo", "value_order_number": " "})))
    assert "Hi Bo, your order A-17 is ready." in shown


def test_a_viewer_may_not_send(sign_in, template):
    assert sign_in("viewer").get(f"/outbound/{template().id}/send").status_code == 403


def test_another_workspaces_message_does_not_exist(sign_in):
    assert sign_in("tester").get("/outbound/out_elsewhere/send").status_code == 404


def test_a_message_is_queued_once_however_often_its_form_is_sent(sign_in, template):
    client, address = sign_in("tester"), f"/outbound/{template().id}/send"
    filled = wish(page_of(client.get(address)))
    places = {client.post(address, data=filled).headers["Location"] for _ in range(3)}
    row = db.session.scalars(select(Message)).one()
    assert places == {f"/messages/{row.id}"}
    assert (row.phone, row.status, row.content["text"]) == ("+4915123456789", "queued", "Hi Ann, your order A-1 is ready.")


def test_faults_of_the_form_stand_at_their_fields_and_nothing_typed_is_lost(sign_in, template):
    client, address = sign_in("tester"), f"/outbound/{template().id}/send"
    filled = wish(page_of(client.get(address)), phone="12", value_order_number="", opt_in="")
    answer = client.post(address, data=filled, headers=HTMX)
    page = page_of(answer)
    errors = {node.find_parent(class_="field")["data-field"] for node in page.select(".field-error span")}
    assert (answer.status_code, errors) == (422, {"phone", "value_order_number", "opt_in"})
    assert page.select_one("[name=value_first_name]")["value"] == "Ann"
    assert page.select_one("[name=country] option[selected]")["value"] == "DE"
    assert db.session.scalars(select(Message)).all() == []


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("2015550123", "+1 201-555-0123"), ("20155", "Go on typing"), ("20155501234567", "digits too many"), ("", "For example")],
)
def test_a_number_is_judged_while_it_is_typed(sign_in, typed, expected):
    page = page_of(sign_in("tester").get("/sending/phone", query_string={"country": "US", "phone": typed}))
    assert expected in words(page)


def test_a_number_is_formatted_while_it_is_typed(sign_in):
    page = page_of(sign_in("tester").get("/sending/phone", query_string={"country": "US", "phone": "2015550123"}))
    assert page.select_one("#phone-words")["data-shown"] == "(201) 555-0123"


def test_a_message_with_a_flow_starts_the_published_version(sign_in, template, flow):
    message = template("FLOW")
    other = flow(None, published=True)
    wanted = flow(message.id, published=True)
    client, address = sign_in("tester"), f"/outbound/{message.id}/send"
    page = page_of(client.get(address))
    assert page.select_one("[name=flow] option[selected]")["value"] == wanted.id
    filled = wish(page, flow=wanted.id)
    client.post(address, data=filled)
    version = db.session.get(FlowVersion, db.session.scalars(select(Message.version_id)).one())
    assert version.flow_id == wanted.id != other.id


def test_a_pasted_flow_id_goes_before_the_chosen_one(sign_in, template, flow):
    message = template("FLOW")
    chosen, pasted = flow(message.id, published=True), flow(None, published=True)
    client, address = sign_in("tester"), f"/outbound/{message.id}/send"
    client.post(address, data=wish(page_of(client.get(address)), flow=chosen.id, flow_id=pasted.id))
    assert db.session.get(FlowVersion, db.session.scalars(select(Message.version_id)).one()).flow_id == pasted.id


def test_an_unpublished_flow_is_refused_with_a_way_out(sign_in, template, flow):
    message = template("FLOW")
    client, address = sign_in("tester"), f"/outbound/{message.id}/send"
    answer = client.post(address, data=wish(page_of(client.get(address)), flow_id=flow(message.id).id))
    assert answer.status_code == 422
    assert "try it through Test conversation" in words(page_of(answer))


def test_a_trial_verifies_the_initial_message_first_and_sends_the_draft(sign_in, template, flow):
    message = template("FLOW")
    draft = flow(message.id)
    client, address = sign_in("tester"), f"/flows/{draft.id}/test"
    page = page_of(client.get(address))
    assert "Verify the initial message" in words(page.select_one(".initial-card"))
    assert [words(tab) for tab in page.select(".tabs a")] == ["Single message", "Batch"]
    assert words(page.select_one("#field-phone-hint")) == "Any number will do: a virtual phone answers it."
    action = page.select_one("#single form")["action"]
    client.post(action, data=wish(page))
    sent = db.session.scalars(select(Message)).one()
    assert sent.is_trial
    assert db.session.get(FlowVersion, sent.version_id).number is None


def test_a_trial_can_use_another_approved_message(sign_in, template, flow):
    draft = flow(template("FLOW", status="rejected").id)
    other = template("FLOW")
    client = sign_in("tester")
    page = page_of(client.get(f"/flows/{draft.id}/test"))
    assert page.select_one("#single") is None
    assert [option["value"] for option in page.select("[name=template] option")] == ["", other.id]
    page = page_of(client.get(f"/flows/{draft.id}/test?template={other.id}"))
    assert other.id in page.select_one("#single form")["action"]


def test_a_flow_without_message_says_what_to_do(sign_in, flow):
    page = page_of(sign_in("tester").get(f"/flows/{flow(None).id}/test"))
    assert "The flow has no initial message yet" in words(page)


def test_a_number_with_a_plus_tells_its_country_itself(sign_in, template):
    client, address = sign_in("tester"), f"/outbound/{template().id}/send"
    part = page_of(client.get("/sending/phone?country=DE&phone=%2B5511987654321")).select_one("#phone-words")
    assert (part["data-region"], part["data-shown"]) == ("BR", "+55 11 98765-4321")
    sent = client.post(address, data=wish(page_of(client.get(address)), country="DE", phone="+521 55 1234 5678"))
    assert sent.status_code == 303
    assert db.session.scalar(select(Message.phone)) == "+525512345678"


def test_what_the_chosen_flow_fills_in_need_not_be_typed(sign_in, template, line):
    row = template(conversation="FLOW")
    filled = {"filled": {"first_name": "{{contact.first_name}}"}, "otherwise": {"first_name": "friend"}}
    start = ("n1", "you_send_it", {"template": row.id, **filled})
    document = worlds.flow(start, ("n2", "finish", {"outcome": "success"}), edges=(("n1", "continue", "n2"),))
    worlds.published(line, document)
    client, address = sign_in("tester"), f"/outbound/{row.id}/send"
    page = page_of(client.get(address))
    field = page.select_one("[name=value_first_name]")
    assert not field.has_attr("required") and page.select_one("[name=value_order_number]").has_attr("required")
    assert "The flow fills it in: first name of the contact, else “friend”." in words(page)
    assert "Hi friend, your order A-17" in words(page)
    assert "a file needs no column for it" in words(page_of(client.get(f"{address}?way=batch")))
    anew = page_of(client.get(f"{address}/preview", query_string={"anew": "1", "flow": ""}))
    assert anew.select_one("[name=value_first_name]").has_attr("required")
    flow = page.select_one("[name=flow] option[selected]")["value"]
    assert client.post(address, data=wish(page, value_first_name="", flow=flow)).status_code == 303
    assert db.session.scalars(select(Message)).one().content["parameters"] == {"first_name": "friend", "order_number": "A-1"}
