from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowbuilder.core.actions import Call, Link, Reply
from flowbuilder.core.opening import as_opening, can_open
from flowbuilder.core.template import Category, Conversation, Format, Kind, Otp, TemplateContent, Variable
from flowbuilder.whatsapp import payloads, templates

BODY = {"type": "BODY", "text": "Dear {{1}}, your order {{2}} is ready.", "example": {"body_text": [["Ann", "42"]]}}


def seen(*components: dict[str, Any], **more: Any) -> templates.Held:
    return templates.read({"id": "7", "name": "order", "language": "en_US", "category": "UTILITY", "components": list(components), **more})


def test_numbered_words_get_names_that_end_with_their_number() -> None:
    header = {"type": "HEADER", "format": "TEXT", "text": "Order {{1}}", "example": {"header_text": ["42"]}}
    buttons = [{"type": "URL", "text": "Track", "url": "https://a.example/{{1}}", "example": ["https://a.example/x"]}]
    held = seen(header, BODY, {"type": "BUTTONS", "buttons": buttons}, parameter_format="POSITIONAL")
    assert held.unheld == ""
    assert held.content.format is Format.POSITIONAL
    assert held.content.header == "Order {{header_1}}"
    assert held.content.body == "Dear {{word_1}}, your order {{word_2}} is ready."
    assert held.content.actions == (Link("Track", "https://a.example/{{link_1}}"),)
    examples = {variable.name: variable.example for variable in held.content.variables}
    assert examples == {"header_1": "42", "word_1": "Ann", "word_2": "42", "link_1": "x"}


def test_numbered_words_are_sent_by_their_number_wherever_they_stand() -> None:
    content = seen({"type": "BODY", "text": "Order {{2}} of {{1}} is ready."}).content
    sent = payloads.template(content, {"word_1": "Ann", "word_2": "42"}, "+1650", "1", wire_name="order")
    assert sent["template"]["components"] == [
        {"type": "body", "parameters": [{"type": "text", "text": "Ann"}, {"type": "text", "text": "42"}]}
    ]


def test_either_case_is_understood() -> None:
    low = {
        "type": "buttons",
        "buttons": [
            {"type": "quick_reply", "text": "Stop"},
            {"type": "phone_number", "text": "Call", "phone_number": "15550051310"},
            {"type": "url", "text": "Site", "url": "https://a.example"},
        ],
    }
    named = {"body_text_named_params": [{"param_name": "first_name", "example": "Ann"}]}
    held = seen({"type": "body", "text": "Dear {{first_name}}, hello.", "example": named}, low, {"type": "header", "format": "image"})
    assert held.unheld == ""
    assert held.content.kind is Kind.IMAGE
    assert held.content.variables == (Variable("first_name", "Ann"),)
    assert held.content.actions == (Reply("Stop"), Call("Call", "+15550051310"), Link("Site", "https://a.example"))


def test_a_one_time_code_keeps_metas_text() -> None:
    url = "https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp{{1}}"
    held = seen(
        {"type": "BODY", "text": "Tu código es *{{1}}*.", "add_security_recommendation": True},
        {"type": "FOOTER", "text": "Este código caduca en 7 minutos."},
        {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Copiar", "url": url}]},
        category="authentication",
        language="es_MX",
    )
    assert held.content.otp == Otp(7, True, "Copiar", "Tu código es *{{code}}*.", "Este código caduca en 7 minutos.")


@pytest.mark.parametrize(
    ("part", "why"),
    [
        ({"type": "HEADER", "format": "LOCATION"}, "Its header is a location."),
        ({"type": "CAROUSEL", "cards": []}, "It has a part of the kind carousel."),
        ({"type": "LIMITED_TIME_OFFER"}, "It has a part of the kind limited time offer."),
        ({"type": "BUTTONS", "buttons": [{"type": "COPY_CODE", "example": "X"}]}, "It has a button of the kind copy code."),
        ({"type": "BUTTONS", "buttons": [{"type": "FLOW", "text": "Go"}]}, "It has a button of the kind flow."),
        ({}, "It has a part of the kind unknown."),
    ],
)
def test_what_we_have_no_place_for_is_said_and_the_text_is_still_shown(part: dict[str, Any], why: str) -> None:
    held = seen(BODY, part)
    assert held.unheld == f"{why} FlowBuilder cannot send that."
    assert held.content.body == BODY["text"]
    assert held.components == [BODY, part]


ANY_JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x))
KEYS = st.sampled_from(("type", "format", "text", "buttons", "example", "url"))
PARTS = st.dictionaries(KEYS, ANY_JSON | st.sampled_from(("BODY", "x {{1}}")))


@given(st.dictionaries(st.sampled_from(("name", "category", "status", "parameter_format", "quality_score")), ANY_JSON), st.lists(PARTS))
def test_any_answer_can_be_read(document: dict[str, Any], components: list[dict[str, Any]]) -> None:
    held = templates.read({**document, "components": components})
    assert TemplateContent.from_json(held.content.to_json()) == held.content


NAMES = ("first_name", "order", "place")
TEXT = st.lists(st.sampled_from(("Hello", "order", "{{first_name}}", "{{order}}", "{{place}}", "today")), min_size=1).map(" ".join)
LINKS = (Link("Site", "https://a.example/{{link_1}}"), Link("Home", "https://a.example"))
ACTIONS = st.sampled_from((Reply("Stop"), Call("Call us", "+4930901820"), *LINKS))


@given(TEXT, TEXT, st.sampled_from(("", "Bye")), st.lists(ACTIONS, unique=True), st.sampled_from((Category.MARKETING, Category.UTILITY)))
def test_what_is_created_reads_as_it_was(body: str, header: str, footer: str, actions: list[Any], category: Category) -> None:
    known = tuple(Variable(name, name.title()) for name in (*NAMES, "link_1"))
    content = TemplateContent(
        name="order", category=category, header=header, body=body, footer=footer, actions=tuple(actions), variables=known
    ).settled()
    read = templates.read(payloads.create(content, "order"))
    assert read.unheld == ""
    assert replace(read.content, variables=()) == replace(content, variables=())
    assert set(read.content.variables) == set(content.variables)


def test_a_message_with_two_answers_first_can_open_flows() -> None:
    content = TemplateContent(body="Ready?", actions=(Reply("Yes"), Reply("No"), Link("Site", "https://a.example")))
    opening = as_opening(content)
    assert can_open(content)
    assert (opening.conversation, opening.continue_option, opening.finish_option) == (Conversation.FLOW, "Yes", "No")
    assert payloads.create(opening, "x") == payloads.create(content, "x")
    for others in ((Reply("One"),), (Reply("1"), Reply("2"), Reply("3")), (Link("a", "https://a.example"), Reply("b"), Reply("c"))):
        assert not can_open(TemplateContent(actions=others))
