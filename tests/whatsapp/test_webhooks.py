from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowbuilder.whatsapp.errors import BadWebhook
from flowbuilder.whatsapp.webhooks import (
    InboundMessage,
    StatusUpdate,
    TemplateCategory,
    TemplateQuality,
    TemplateStatus,
    TemplateWords,
    Unknown,
    UserPreference,
    parse,
)

CONTACT = {"profile": {"name": "Sheena", "username": "shee"}, "wa_id": "16505551234", "user_id": "US.1", "parent_user_id": "US.ENT.1"}
KEYS = st.sampled_from(
    ["object", "entry", "changes", "field", "value", "messages", "statuses", "contacts", "id", "type", "text", "from", "errors",
     "timestamp", "interactive", "button", "location", "metadata", "context", "profile", "message_template_id", "event"]
)  # fmt: skip
WORDS = st.sampled_from(
    ["messages", "text", "button", "interactive", "location", "image", "message_template_status_update", "wamid.1", "1"]
)
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | WORDS,
    lambda x: st.lists(x, max_size=4) | st.dictionaries(KEYS | st.text(max_size=4), x, max_size=5),
    max_leaves=40,
)


def post(*values: dict[str, Any], field: str = "messages") -> bytes:
    changes = [{"field": field, "value": value} for value in values]
    return json.dumps({"object": "whatsapp_business_account", "entry": [{"id": "W1", "changes": changes}]}).encode()


def said(message: dict[str, Any], contacts: list[Any] | None = None) -> Any:
    metadata = {"display_phone_number": "1555", "phone_number_id": "P1"}
    message = {"from": "16505551234", "id": "wamid.A", "timestamp": "1749416383", **message}
    (item,) = parse(post({"metadata": metadata, "contacts": [CONTACT] if contacts is None else contacts, "messages": [message]}))
    return item


def test_a_text_comes_with_who_wrote_it_and_what_it_answers() -> None:
    item = said({"type": "text", "text": {"body": "Hi"}, "from_user_id": "US.1", "context": {"from": "1555", "id": "wamid.B"}})
    assert isinstance(item, InboundMessage)
    assert (item.wa_id, item.user_id, item.parent_user_id, item.name) == ("16505551234", "US.1", "US.ENT.1", "Sheena")
    assert (item.waba_id, item.phone_number_id, item.timestamp, item.quoted) == ("W1", "P1", 1749416383, "wamid.B")
    assert item.content == {"kind": "text", "body": "Hi"}


@pytest.mark.parametrize(
    ("message", "content"),
    [
        ({"type": "button", "button": {"payload": "continue", "text": "Yes"}}, {"kind": "tap", "id": "continue", "title": "Yes"}),
        (
            {"type": "interactive", "interactive": {"type": "button_reply", "button_reply": {"id": "o1", "title": "One"}}},
            {"kind": "tap", "id": "o1", "title": "One"},
        ),
        (
            {"type": "interactive", "interactive": {"type": "list_reply", "list_reply": {"id": "o2", "title": "Two", "description": "d"}}},
            {"kind": "tap", "id": "o2", "title": "Two"},
        ),
        (
            {"type": "interactive", "interactive": {"type": "nfm_reply", "nfm_reply": {"name": "flow"}}},
            {"kind": "unsupported", "type": "interactive"},
        ),
        ({"type": "image", "image": {"id": "M1", "caption": "c"}}, {"kind": "media", "type": "image", "id": "M1", "caption": "c"}),
        ({"type": "audio", "audio": {"id": "M2"}}, {"kind": "media", "type": "audio", "id": "M2"}),
        (
            {"type": "location", "location": {"latitude": 1.5, "longitude": 2, "name": "n"}},
            {"kind": "location", "latitude": 1.5, "longitude": 2, "name": "n"},
        ),
        ({"type": "unsupported", "errors": [{"code": 131051}]}, {"kind": "unsupported", "type": "unsupported"}),
        ({"type": "hologram", "hologram": {}}, {"kind": "unsupported", "type": "hologram"}),
        ({"type": "text", "text": "odd"}, {"kind": "text", "body": ""}),
        ({"type": "location", "location": {"latitude": "x"}}, {"kind": "unsupported", "type": "location"}),
    ],
)
def test_what_was_said_is_read_by_type(message: dict[str, Any], content: dict[str, Any]) -> None:
    assert said(message).content == content


def test_a_person_with_a_user_name_has_no_number() -> None:
    contact = {"profile": {"username": "ann"}, "user_id": "US.9"}
    body = post({"contacts": [contact], "messages": [{"id": "w", "from_user_id": "US.9", "type": "text", "text": {"body": "x"}}]})
    (item,) = parse(body)
    assert isinstance(item, InboundMessage)
    assert (item.user_id, item.wa_id, item.username) == ("US.9", None, "ann")


def test_each_message_finds_its_own_contact() -> None:
    contacts = [{"wa_id": "1", "profile": {"name": "One"}}, {"wa_id": "2", "profile": {"name": "Two"}}]
    messages = [{"from": n, "id": f"w{n}", "type": "text", "text": {"body": n}} for n in ("2", "1", "3")]
    assert [item.name for item in parse(post({"contacts": contacts, "messages": messages})) if isinstance(item, InboundMessage)] == [
        "Two",
        "One",
        "",
    ]


def test_several_entries_changes_messages_and_statuses_come_in_order() -> None:
    value = {"messages": [{"id": "a", "type": "text"}, {"id": "b", "type": "text"}], "statuses": [{"id": "c", "status": "sent"}]}
    one = json.loads(post(value, value))
    items = parse(json.dumps({"entry": one["entry"] * 2}).encode())
    assert [getattr(item, "wamid", None) for item in items] == ["a", "b", "c"] * 4


def test_a_failed_status_carries_metas_code() -> None:
    error = {"code": 131049, "title": "Not delivered", "error_data": {"details": "ecosystem"}}
    status = {"id": "wamid.X", "status": "failed", "timestamp": "1751142888", "recipient_id": "1650", "errors": [error]}
    (item,) = parse(post({"statuses": [{**status, "biz_opaque_callback_data": "17", "recipient_user_id": "US.1"}]}))
    assert isinstance(item, StatusUpdate)
    assert (item.status, item.callback, item.user_id, item.error_code, item.error_details) == ("failed", "17", "US.1", 131049, "ecosystem")


def test_a_rejection_is_read_with_its_recommendation() -> None:
    value = {
        "event": "REJECTED",
        "message_template_id": 1689556908129835,
        "message_template_name": "cart",
        "message_template_language": "en-US",
        "reason": "INVALID_FORMAT",
        "rejection_info": {"reason": "Side by side", "recommendation": "Separate them"},
    }
    (item,) = parse(post(value, field="message_template_status_update"))
    assert isinstance(item, TemplateStatus)
    assert (item.meta_id, item.language, item.event, item.reason) == ("1689556908129835", "en_US", "REJECTED", "INVALID_FORMAT")
    assert (item.explanation, item.recommendation) == ("Side by side", "Separate them")


def test_quality_and_both_forms_of_a_category_change_are_read() -> None:
    named = {"message_template_id": 1, "message_template_name": "x", "message_template_language": "en"}
    (quality,) = parse(
        post({**named, "previous_quality_score": "GREEN", "new_quality_score": "YELLOW"}, field="message_template_quality_update")
    )
    (announced,) = parse(post({**named, "new_category": "UTILITY", "correct_category": "MARKETING"}, field="template_category_update"))
    (done,) = parse(post({**named, "previous_category": "UTILITY", "new_category": "MARKETING"}, field="template_category_update"))
    assert isinstance(quality, TemplateQuality) and (quality.previous, quality.score) == ("GREEN", "YELLOW")
    assert isinstance(announced, TemplateCategory) and (announced.category, announced.announced) == ("UTILITY", "MARKETING")
    assert isinstance(done, TemplateCategory) and (done.category, done.announced) == ("MARKETING", None)


def test_stopping_marketing_is_read() -> None:
    preference = {"wa_id": "1650", "user_id": "US.1", "category": "marketing_messages", "value": "stop", "timestamp": 1731705721}
    (item,) = parse(post({"metadata": {"phone_number_id": "P1"}, "user_preferences": [preference]}, field="user_preferences"))
    assert isinstance(item, UserPreference) and (item.value, item.timestamp) == ("stop", 1731705721)


@pytest.mark.parametrize("field", ["security", "flows", "something_of_2030", ""])
def test_fields_that_nobody_here_knows_are_kept_as_unknown(field: str) -> None:
    (item,) = parse(post({"event": "NEW"}, field=field))
    assert isinstance(item, Unknown) and (item.field, item.kind) == (field, "NEW")


def test_characters_that_no_database_keeps_are_replaced() -> None:
    item = said({"type": "text", "text": {"body": "a\x00b\ud800c😀"}})
    assert item.content["body"] == "a\ufffdb\ufffdc😀"


@pytest.mark.parametrize("body", [b"", b"[]", b"1", b'"x"', b"{", b"\xff\xfe", b"null", b"[" * 100_000, b'{"a":' + b"1" * 5000 + b"}"])
def test_what_is_no_json_object_has_one_error(body: bytes) -> None:
    with pytest.raises(BadWebhook):
        parse(body)


@pytest.mark.parametrize("depth", [50, 300, 900])
def test_deep_nesting_harms_nobody(depth: int) -> None:
    body = post({"messages": [{"id": "w", "type": "text", "text": {"body": "\x00"}}]})
    deep = body.replace(b'"text": {', b'"odd": ' + b"[" * depth + b"]" * depth + b', "text": {')
    try:
        items = parse(deep)
    except BadWebhook:
        return
    assert items[0].wamid == "w"


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(KEYS | st.text(max_size=4), ODD, max_size=5), ODD)
def test_any_json_object_is_read_without_an_error(whole: dict[str, Any], value: Any) -> None:
    wrapped = {"entry": [{"id": "1", "changes": [{"field": "messages", "value": {**whole, "messages": [value]}}]}]}
    for body in (json.dumps(whole).encode(), json.dumps(wrapped).encode()):
        items = parse(body)
        assert items
        json.dumps([str(item) for item in items]).encode()


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_named_bad(body: bytes) -> None:
    try:
        assert isinstance(parse(body), list)
    except BadWebhook as error:
        assert error.code == "bad_webhook"


def test_template_fields_carry_metas_time_and_changed_words_are_told() -> None:
    known = {"message_template_id": 7, "message_template_name": "order", "message_template_language": "en-US"}
    changes = [
        {"field": "message_template_components_update", "value": {**known, "message_template_element": "Hi"}},
        {"field": "message_template_status_update", "value": {**known, "event": "FLAGGED", "reason": "NONE"}},
        {"field": "template_category_update", "value": {**known, "new_category": "UTILITY", "correct_category": "MARKETING",
                                                        "category_update_timestamp": 1746169200}},
    ]  # fmt: skip
    post = {"object": "whatsapp_business_account", "entry": [{"id": "1", "time": 1751247548, "changes": changes}]}
    words, status, category = parse(json.dumps(post).encode())
    assert words == TemplateWords(waba_id="1", meta_id="7", name="order", language="en_US", at=1751247548)
    assert (status.event, status.reason, status.at) == ("FLAGGED", "", 1751247548)
    assert (category.category, category.announced, category.due) == ("UTILITY", "MARKETING", 1746169200)
