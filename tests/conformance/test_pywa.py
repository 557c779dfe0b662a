"""pywa 4.5 does with the simulator what it does with Meta: nothing raised, nothing logged as an error."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from pywa import WhatsApp, errors
from pywa.types import (
    Button,
    CallbackButton,
    CallbackSelection,
    Message,
    MessageStatus,
    Pagination,
    Section,
    SectionList,
    SectionRow,
    UserMarketingPreferences,
)
from pywa.types import templates as t

from tests.conformance.conftest import Receiver
from tests.simulator.running import NUMBER, WABA, Running, filled, template, text, until

PERSON = "16505551234"


@pytest.fixture(autouse=True)
def _nothing_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    caplog.set_level(logging.INFO, logger="pywa")
    yield
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


def _template() -> t.Template:
    return t.Template(
        name="order_ready",
        category=t.TemplateCategory.UTILITY,
        language=t.TemplateLanguage.ENGLISH_US,
        parameter_format=t.ParamFormat.NAMED,
        components=[
            t.HeaderText("Your order"),
            t.BodyText("Dear {{first_name}}, your order {{order}} is ready for pickup.", first_name="Ann", order="42"),
            t.FooterText(text="Reply STOP to end"),
            t.Buttons(buttons=[t.QuickReplyButton(text="Continue"), t.QuickReplyButton(text="Cancel")]),
        ],
    )


def test_it_sends_text_buttons_and_a_list(sim: Running, wa: WhatsApp) -> None:
    sim.write(PERSON)
    buttons = [Button(title="Yes", callback_data="yes"), Button(title="No", callback_data="no")]
    rows = [SectionRow(title="09:00", callback_data="9", description="Early")]
    times = SectionList(button_title="Open", sections=[Section(title="Morning", rows=rows)])
    sent = [
        wa.send_message(to=PERSON, text="Hello *there*"),
        wa.send_message(to=PERSON, text="Choose", buttons=buttons),
        wa.send_message(to=PERSON, text="Pick", header="Times", footer="Today", buttons=times),
    ]

    chat = sim.control(f"phones/{PERSON}")["messages"][1:]
    assert [one["wamid"] for one in chat] == [one.id for one in sent]
    assert [one["kind"] for one in chat] == ["text", "button", "list"]
    assert [one.input for one in sent] == [PERSON] * 3


def test_it_creates_lists_edits_and_deletes_templates(sim: Running, wa: WhatsApp) -> None:
    created = wa.create_template(_template())
    assert created.status == t.TemplateStatus.PENDING
    until(lambda: wa.get_template(created.id).status == t.TemplateStatus.APPROVED)

    listed = wa.get_templates(name="order_ready", pagination=Pagination(limit=5))
    assert [one.name for one in listed] == ["order_ready"]
    assert listed.total_count == 1
    assert isinstance(listed[0].components[1], t.BodyText)

    changed = t.BodyText("Dear {{first_name}}, your order {{order}} lies here and waits.", first_name="Ann", order="42")
    assert wa.update_template(created.id, new_components=[changed]).id == created.id
    until(lambda: wa.get_template(created.id).status == t.TemplateStatus.APPROVED)
    assert "lies here" in wa.get_template(created.id).components[0].text

    assert wa.delete_template("order_ready", template_id=created.id).success
    assert len(wa.get_templates()) == 0


def test_it_pages_through_templates(sim: Running, wa: WhatsApp) -> None:
    for number in range(5):
        sim.submit(f"message_{number}", components=[text(f"Text number {number} for you.")])

    first = wa.get_templates(pagination=Pagination(limit=3))
    assert first.has_next
    # its own next() raises in 4.5 before it asks; the cursor is what it would have followed
    second = wa.get_templates(pagination=Pagination(limit=3, after=first.after))
    assert second.has_previous
    assert [one.name for one in [*first, *second]] == [f"message_{number}" for number in (4, 3, 2, 1, 0)]


def test_it_sends_a_template_with_named_words(sim: Running, wa: WhatsApp) -> None:
    created = wa.create_template(_template())
    until(lambda: wa.get_template(created.id).status == t.TemplateStatus.APPROVED)

    parameters = [t.BodyText.params(first_name="Zoë", order="7"), t.QuickReplyButton.params(callback_data="go", index=0)]
    wa.send_template(to=PERSON, name="order_ready", language=t.TemplateLanguage.ENGLISH_US, params=parameters)

    content = sim.control(f"phones/{PERSON}")["messages"][0]["content"]
    assert content["body"] == "Dear Zoë, your order 7 is ready for pickup."
    assert [button["payload"] for button in content["buttons"]] == ["go", "Cancel"]


def test_an_authentication_template_goes_its_whole_way(sim: Running, wa: WhatsApp) -> None:
    parts = [
        t.AuthenticationBody(add_security_recommendation=True),
        t.AuthenticationFooter(code_expiration_minutes=5),
        t.Buttons(buttons=[t.CopyCodeOTPButton()]),
    ]
    asked = {"category": t.TemplateCategory.AUTHENTICATION, "language": t.TemplateLanguage.ENGLISH_US}
    created = wa.create_template(t.Template(name="code", components=parts, **asked))
    until(lambda: wa.get_template(created.id).status == t.TemplateStatus.APPROVED)

    components = [
        {"type": "body", "parameters": [{"type": "text", "text": "123456"}]},
        {"type": "button", "sub_type": "url", "index": "0", "parameters": [{"type": "text", "text": "123456"}]},
    ]
    sim.sent(PERSON, type="template", template={"name": "code", "language": {"code": "en_US"}, "components": components})
    shown = sim.control(f"phones/{PERSON}")["messages"][0]["content"]
    assert shown["body"].startswith("*123456* is your verification code.")
    assert shown["footer"] == "This code expires in 5 minutes."


def test_it_reads_number_account_and_media(sim: Running, wa: WhatsApp) -> None:
    number = wa.get_business_phone_number()
    assert (number.id, number.display_phone_number) == (NUMBER, "+1 555-010-0001")
    assert [one.id for one in wa.get_business_phone_numbers()] == [NUMBER]
    assert wa.get_business_account().id == WABA
    media = wa.upload_media(media=b"\x89PNG\r\n\x1a\n", mime_type="image/png", filename="a.png")
    assert wa.get_media_url(media.id if hasattr(media, "id") else media).mime_type == "image/png"


def test_refusals_become_its_own_errors(sim: Running, wa: WhatsApp) -> None:
    with pytest.raises(errors.TemplateNotExists):
        wa.send_template(to=PERSON, name="nobody", language=t.TemplateLanguage.ENGLISH_US, params=[])
    with pytest.raises(errors.WhatsAppError) as refused:
        wa.create_template(t.Template(
            name="leading", category=t.TemplateCategory.UTILITY, language=t.TemplateLanguage.ENGLISH_US,
            components=[t.BodyText("{{1}}, your order is ready for pickup.", "Ann")],
        ))  # fmt: skip
    assert refused.value.subcode == 2388299


def test_its_receiver_takes_every_event_that_the_simulator_emits(sim: Running, receiver: Receiver) -> None:
    template_id = sim.approved()
    _talk(sim)
    _stir(sim, template_id)
    assert sim.control("webhooks/drain", seconds=10)["drained"]

    assert {type(update) for update in receiver.updates} >= {
        Message,
        MessageStatus,
        CallbackButton,
        CallbackSelection,
        UserMarketingPreferences,
    }
    assert receiver.fields() == {
        "messages", "user_preferences", "message_template_status_update", "message_template_quality_update", "template_category_update",
        "template_correct_category_detection",
        "message_template_components_update",
        "phone_number_quality_update",
        "business_capability_update",
    }  # fmt: skip
    assert {one.status.value for one in receiver.of(MessageStatus)} == {"sent", "delivered", "read", "failed"}
    assert {one.data for one in receiver.of(CallbackButton)} == {"Continue", "yes"}
    assert [one.data for one in receiver.of(CallbackSelection)] == ["9"]
    kinds = {str(one.type.value) for one in receiver.of(Message)}
    assert kinds == {"text", "location", "reaction", "unsupported"}
    assert len(receiver.raw) == len([one for body in receiver.raw for entry in body["entry"] for one in entry["changes"]])


def test_the_receiver_would_not_hide_an_error(sim: Running, receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    sim.control("knobs", contacts_on_failed=False)
    sim.sent(PERSON)

    until(lambda: [one for one in caplog.records if one.levelno >= logging.ERROR])
    caplog.clear()


def _talk(sim: Running) -> None:
    """A person says everything that the phones can say."""
    wamid = sim.sent(PERSON)  # outside the window: fails
    until(lambda: sim.control(f"phones/{PERSON}")["messages"][0]["status"] == "failed")
    wamid = sim.sent(PERSON, **filled(biz_opaque_callback_data="row-1"))
    sim.control(f"phones/{PERSON}/tap", title="Continue")
    sim.control(f"phones/{PERSON}/say", text="Hello", quoting=wamid)
    sim.control(f"phones/{PERSON}/send", kind="location", latitude=51.5, longitude=-0.1, name="Shop")
    sim.control(f"phones/{PERSON}/send", kind="reaction", wamid=wamid, emoji="👍")
    sim.control(f"phones/{PERSON}/send", kind="reaction", wamid=wamid, emoji="")
    sim.control(f"phones/{PERSON}/send", kind="unsupported")
    action = {"buttons": [{"type": "reply", "reply": {"id": "yes", "title": "Yes"}}]}
    sim.sent(PERSON, type="interactive", interactive={"type": "button", "body": {"text": "Sure?"}, "action": action})
    sim.control(f"phones/{PERSON}/tap", title="Yes")
    action = {"button": "Open", "sections": [{"rows": [{"id": "9", "title": "09:00"}]}]}
    sim.sent(PERSON, type="interactive", interactive={"type": "list", "body": {"text": "When?"}, "action": action})
    sim.control(f"phones/{PERSON}/tap", title="09:00")
    for stopped in (True, False):
        sim.control(f"phones/{PERSON}/set", stopped=stopped)
    wamids = [one["wamid"] for one in sim.control(f"phones/{PERSON}")["messages"] if not one["inbound"]]
    until(lambda: {one["status"] for one in sim.control("ledger/messages") if one["wamid"] in wamids} <= {"read", "failed"})


def _stir(sim: Running, template_id: int) -> None:
    """A template lives through everything that can happen to one."""
    path = f"templates/{template_id}/event"
    sim.submit("adjacent", components=[text("Dear {{1}} {{2}}, we are happy to see you again in our shop.", examples=2)])
    sim.submit("promotional", components=[text("Get a discount of ten percent on your next order.")])
    until(lambda: {one["status"] for one in sim.control("templates")} == {"APPROVED", "REJECTED"})
    sim.graph("POST", f"{template_id}", json={"components": [text("Your order lies here and waits."), *template()["components"][1:]]})
    until(lambda: sim.status(template_id) == "APPROVED")
    sim.control("knobs", throughput=1000, tier="TIER_UNLIMITED")
    for score in ("YELLOW", "GREEN", "RED"):
        sim.control(path, quality=score)
    sim.control(path, category="MARKETING", announce=True)
    sim.control(path, category="MARKETING")
    for event in ("APPROVED", "FLAGGED", "REINSTATED", "IN_APPEAL", "PENDING", "PENDING_DELETION", "ARCHIVED", "UNARCHIVED", "DISABLED"):
        sim.control(path, event=event)
    sim.graph("DELETE", f"{WABA}/message_templates", params={"name": "promotional"})
