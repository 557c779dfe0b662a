from __future__ import annotations

import pytest

from flowbuilder.core.medium import Kind, Medium, linked
from flowbuilder.core.template import Call, Category, Conversation, Link, Otp, TemplateContent, Variable
from flowbuilder.whatsapp import payloads

ORDER = TemplateContent(
    conversation=Conversation.FLOW,
    header="Order {{order}}",
    body="Hi {{ first_name }}, order {{order}} is here.",
    footer="See you",
    variables=(Variable("first_name", "Ann"), Variable("order", "42")),
    continue_option="Continue",
    finish_option="Cancel",
    actions=(Call("Call us", "+49 30 901820"), Link("Track", "https://shop.example/{{order}}"), Link("Site", "https://shop.example/")),
)
OTP = TemplateContent(category=Category.AUTHENTICATION, language="es_MX", otp=Otp(5, True, "Copiar"))


def test_creating_names_every_word_with_its_example() -> None:
    body = payloads.create(ORDER, "order_x")
    assert (body["name"], body["language"], body["category"], body["parameter_format"]) == ("order_x", "en_US", "UTILITY", "NAMED")
    header, text, footer, buttons = body["components"]
    assert header == {
        "type": "HEADER",
        "format": "TEXT",
        "text": "Order {{order}}",
        "example": {"header_text_named_params": [{"param_name": "order", "example": "42"}]},
    }
    assert text["text"] == "Hi {{first_name}}, order {{order}} is here."
    named = text["example"]["body_text_named_params"]
    assert [(n["param_name"], n["example"]) for n in named] == [("first_name", "Ann"), ("order", "42")]
    assert footer == {"type": "FOOTER", "text": "See you"}
    assert [b["type"] for b in buttons["buttons"]] == ["QUICK_REPLY", "QUICK_REPLY", "PHONE_NUMBER", "URL", "URL"]
    assert buttons["buttons"][2]["phone_number"] == "+4930901820"
    assert buttons["buttons"][3]["url"] == "https://shop.example/{{1}}"
    assert buttons["buttons"][3]["example"] == ["https://shop.example/42"]
    assert "example" not in buttons["buttons"][4]


def test_parts_that_are_empty_are_left_out() -> None:
    body = payloads.create(TemplateContent(body="Hello there"), "x")
    assert body["components"] == [{"type": "BODY", "text": "Hello there"}]


def test_a_one_time_code_is_created_with_metas_text() -> None:
    assert payloads.create(OTP, "otp_x") == {
        "name": "otp_x",
        "language": "es_MX",
        "category": "AUTHENTICATION",
        "message_send_ttl_seconds": 300,
        "components": [
            {"type": "BODY", "add_security_recommendation": True},
            {"type": "FOOTER", "code_expiration_minutes": 5},
            {"type": "BUTTONS", "buttons": [{"type": "OTP", "otp_type": "COPY_CODE", "text": "Copiar"}]},
        ],
    }


def test_sending_fills_named_words_and_gives_each_button_its_place() -> None:
    body = payloads.template(ORDER, {"first_name": "Bo", "order": "7"}, "16505551234", "31", wire_name="order_x")
    assert body["to"] == "+16505551234"
    assert body["biz_opaque_callback_data"] == "31"
    assert body["template"]["name"] == "order_x"
    assert body["template"]["language"] == {"code": "en_US"}
    header, text, go, stop, link = body["template"]["components"]
    assert header["parameters"] == [{"type": "text", "parameter_name": "order", "text": "7"}]
    assert [p["parameter_name"] for p in text["parameters"]] == ["first_name", "order"]
    assert (go["index"], go["parameters"][0]["payload"]) == ("0", "continue")
    assert (stop["index"], stop["parameters"][0]["payload"]) == ("1", "finish")
    assert (link["sub_type"], link["index"], link["parameters"][0]) == ("url", "3", {"type": "text", "text": "7"})


def test_a_code_is_sent_twice_and_without_a_name() -> None:
    body = payloads.template(OTP, {"code": "123456"}, "+1650", "1", wire_name="otp_x")
    value = [{"type": "text", "text": "123456"}]
    assert body["template"]["components"] == [
        {"type": "body", "parameters": value},
        {"type": "button", "sub_type": "url", "index": "0", "parameters": value},
    ]


def test_a_message_without_words_needs_no_components() -> None:
    assert payloads.template(TemplateContent(body="Hello there"), {}, "+1", "1", wire_name="x")["template"]["components"] == []


def test_free_messages_have_the_form_of_their_kind() -> None:
    text = payloads.free({"kind": "text", "body": "Hi"}, "+1650", "5")
    assert (text["type"], text["text"]["body"], text["to"]) == ("text", "Hi", "+1650")
    content = {"kind": "buttons", "body": "Well?", "header": "H", "footer": "F", "buttons": [{"id": "o1", "title": "Yes"}]}
    assert payloads.free(content, "+1650", "5")["interactive"] == {
        "type": "button",
        "header": {"type": "text", "text": "H"},
        "body": {"text": "Well?"},
        "footer": {"text": "F"},
        "action": {"buttons": [{"type": "reply", "reply": {"id": "o1", "title": "Yes"}}]},
    }
    content = {
        "kind": "list",
        "body": "Well?",
        "button": "Open",
        "rows": [{"id": "o1", "title": "A", "description": "d"}, {"id": "o2", "title": "B"}],
    }
    shown = payloads.free(content, "+1650", "5")["interactive"]
    assert shown["action"] == {
        "button": "Open",
        "sections": [{"rows": [{"id": "o1", "title": "A", "description": "d"}, {"id": "o2", "title": "B"}]}],
    }
    assert "header" not in shown


def test_a_template_is_no_free_message() -> None:
    with pytest.raises(ValueError, match="template"):
        payloads.free({"kind": "template"}, "+1", "1")


@pytest.mark.parametrize("kind", [Kind.IMAGE, Kind.VIDEO, Kind.DOCUMENT])
def test_a_media_header_is_created_with_the_handle_of_its_sample(kind: Kind) -> None:
    body = payloads.create(TemplateContent(body="Hello there", header="forgotten", kind=kind), "x", "4::handle")
    assert body["components"][0] == {"type": "HEADER", "format": kind, "example": {"header_handle": ["4::handle"]}}
    assert len(body["components"]) == 2


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Kind.IMAGE, {"type": "image", "image": {"id": "77"}}),
        (Kind.VIDEO, {"type": "video", "video": {"id": "77"}}),
        (Kind.DOCUMENT, {"type": "document", "document": {"id": "77", "filename": "Menü.pdf"}}),
    ],
)
def test_the_header_of_a_send_names_the_uploaded_file(kind: Kind, expected: dict) -> None:
    content = TemplateContent(body="Hello there", header="forgotten {{word}}", kind=kind)
    medium = Medium(kind=kind, file="med_1", name="Menü.pdf")
    body = payloads.template(content, {}, "+4915112345678", "1", wire_name="x", medium=medium, media_id="77")
    assert body["template"]["components"] == [{"type": "header", "parameters": [expected]}]


@pytest.mark.parametrize(
    ("link", "called"),
    [("bills/M%C3%A4rz%207.pdf?key=1", "März 7.pdf"), ("bill?no=10", "bill.pdf"), ("", "Document.pdf"), ("a" * 300, "a" * 236 + ".pdf")],
)
def test_a_document_is_called_by_the_end_of_its_link_where_no_name_is_given(link: str, called: str) -> None:
    medium = linked(Kind.DOCUMENT, {"Document link": f"https://shop.example/{link}", "Document name": ""})
    assert medium is not None
    assert medium.name == called


def test_the_link_of_a_row_comes_before_the_uploaded_file() -> None:
    content = TemplateContent(body="Hello there", kind=Kind.DOCUMENT)
    row = {"Document link": "https://shop.example/7.pdf", "Document name": "Invoice 7.pdf"}
    other = Medium(kind=Kind.DOCUMENT, file="med_1", name="other.pdf")
    body = payloads.template(content, row, "+4915112345678", "1", wire_name="x", medium=other, media_id="77")
    document = {"link": "https://shop.example/7.pdf", "filename": "Invoice 7.pdf"}
    assert body["template"]["components"][0]["parameters"] == [{"type": "document", "document": document}]
