from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowbuilder.core.naming import wire_name
from flowbuilder.core.template import (
    Button,
    Call,
    Category,
    Conversation,
    Link,
    Otp,
    TemplateContent,
    Variable,
    check_parameters,
    examples,
    rename,
    render,
    variables_used,
)

ORDER = TemplateContent(
    name="Order ready",
    conversation=Conversation.FLOW,
    header="Order {{order}}",
    body="Hi {{ first_name }}, your order {{order}} is here.",
    footer="See you",
    variables=(Variable("first_name", "Ann"), Variable("order", "42")),
    continue_option="Continue",
    finish_option="Cancel",
    actions=(Link("Track", "https://shop.example/{{code}}"), Call("Call us", "+4930901820")),
)
ANY_JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x))


def test_words_are_listed_once_in_order_of_appearance() -> None:
    assert variables_used(ORDER) == ("order", "first_name", "code")


def test_examples_fill_the_preview_and_a_word_without_one_stays_visible() -> None:
    shown = render(ORDER, examples(ORDER))
    assert (shown.header, shown.body) == ("Order 42", "Hi Ann, your order 42 is here.")
    assert shown.buttons == (
        Button("reply", "Continue"),
        Button("reply", "Cancel"),
        Button("link", "Track", "https://shop.example/{{code}}"),
        Button("call", "Call us", "+4930901820"),
    )


def test_renaming_reaches_every_place_and_changes_nothing_else() -> None:
    renamed = rename(ORDER, "order", "order_id")
    assert renamed.header == "Order {{order_id}}"
    assert renamed.body == "Hi {{ first_name }}, your order {{order_id}} is here."
    assert renamed.variables == (Variable("first_name", "Ann"), Variable("order_id", "42"))
    assert rename(renamed, "order_id", "order") == ORDER
    assert rename(ORDER, "code", "c").actions[0] == Link("Track", "https://shop.example/{{c}}")


def test_a_value_is_refused_as_meta_would_refuse_it() -> None:
    values = {"order": "1\n2", "first_name": "", "code": "a     b"}
    assert [(f.code, f.field) for f in check_parameters(ORDER, values)] == [
        ("whitespace_in_value", "order"),
        ("missing_value", "first_name"),
        ("whitespace_in_value", "code"),
    ]


@pytest.mark.parametrize(("length", "field"), [(1024, "body"), (60, "header")])
def test_a_filled_in_text_that_grows_too_long_is_refused(length: int, field: str) -> None:
    findings = check_parameters(ORDER, {"order": "x" * length, "first_name": "Ann", "code": "7"})
    assert ("filled_too_long", field) in {(f.code, f.field) for f in findings}


def test_good_values_pass() -> None:
    assert check_parameters(ORDER, {"order": "7", "first_name": "Ann    B", "code": "7"}) == ()


def test_a_one_time_code_has_metas_text_and_one_word() -> None:
    otp = TemplateContent(category=Category.AUTHENTICATION, body="mine", otp=Otp(1, True, "Copy"))
    assert variables_used(otp) == ("code",)
    shown = render(otp, {"code": "9876"})
    assert shown.body == "*9876* is your verification code. For your security, do not share this code."
    assert shown.footer == "This code expires in 1 minute."
    assert shown.buttons == (Button("copy", "Copy", "9876"),)
    assert [f.code for f in check_parameters(otp, {"code": "1" * 16})] == ["code_too_long"]


def test_settling_drops_what_this_kind_of_message_does_not_have() -> None:
    assert replace(ORDER, conversation=Conversation.NOTIFICATION).settled().continue_option == ""
    assert replace(ORDER, category=Category.AUTHENTICATION).settled().body == ""
    extra = replace(ORDER, variables=(*ORDER.variables, Variable("unused", "x")))
    assert extra.settled().variables == ORDER.variables


def test_json_keeps_everything() -> None:
    assert TemplateContent.from_json(ORDER.to_json()) == ORDER


@given(st.dictionaries(st.sampled_from([*ORDER.to_json(), "other"]), ANY_JSON))
def test_any_stored_json_can_be_read(data: dict[str, object]) -> None:
    content = TemplateContent.from_json(data)
    assert TemplateContent.from_json(content.to_json()) == content


@given(st.text(max_size=300), st.from_regex(r"out_[0-9a-z]{20}\Z"))
def test_a_wire_name_is_always_one_that_meta_takes(name: str, message_id: str) -> None:
    made = wire_name(name, message_id)
    assert 1 <= len(made) <= 512
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyz0123456789_")
