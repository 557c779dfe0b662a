"""Outbound messages as designers meet them: the form by its labels, and the review without a reload."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.e2e.outbound_form import Form
from tests.e2e.people import Designer
from tests.fixtures.product import Product

if TYPE_CHECKING:
    from playwright.sync_api import Page

TEXT = "Hello {{first_name}}, your order is ready at our shop in the old town."


def test_rules_are_told_on_the_field_while_one_types(form: Form) -> None:
    form.choose("Flow")
    form.write("Order ready", "{{first_name}} is here with us today")
    form.says("body", "may not begin with a customizable word")
    expect(form.text).to_have_attribute("aria-invalid", "true")

    form.page.get_by_label("Option for continuing conversation").fill("Continue with this conversation")
    form.says("continue_option", "Shorten it to 25")

    example = form.page.get_by_label("Example for first_name")
    example.focus()
    form.page.get_by_label("Outbound name").focus()
    form.says("variables.first_name.example", "Give an example for first_name")

    form.text.fill(TEXT)
    example.fill("Ann")
    form.page.get_by_label("Option for continuing conversation").fill("Continue")
    expect(form.page.get_by_text("Ready to be submitted: it keeps every rule that can be checked here.")).to_be_visible()
    expect(form.text).not_to_have_attribute("aria-invalid", "true")


def test_a_fault_that_comes_and_goes_moves_nothing(form: Form) -> None:
    form.choose("Flow")
    form.write("Order ready", TEXT, first_name="Ann")
    below = form.page.get_by_role("button", name="Send to revision")

    def height() -> float:
        return below.evaluate("(button) => button.getBoundingClientRect().top + scrollY")

    before = height()
    for label, bad in (("Option for continuing conversation", "C" * 26), ("Footer", "Look at www.shop.example"), ("Header text", "*Bold*")):
        field = form.page.get_by_label(re.compile(f"^{label}"))
        good = field.input_value()
        field.fill(bad)
        form.page.locator(".field.has-error").wait_for()
        assert height() == before, label
        field.fill(good)
        form.page.locator(".field.has-error").wait_for(state="detached")


def test_otp_code_narrows_message_type_and_conversation_type_at_once(form: Form) -> None:
    types, conversations = form.page.get_by_role("group", name="Message type"), form.page.get_by_role("group", name="Conversation type")
    expect(types.get_by_role("radio")).to_have_count(4)
    form.choose("OTP code")
    expect(types.get_by_role("radio")).to_have_count(1)
    expect(types.get_by_role("radio", name=re.compile("^Text"))).to_be_checked()
    expect(conversations.get_by_role("radio")).to_have_count(1)
    expect(conversations.get_by_role("radio", name=re.compile("^Notification"))).to_be_checked()
    expect(form.preview).to_contain_text("is your verification code")
    form.choose("Utility")
    expect(conversations.get_by_role("radio")).to_have_count(2)


def test_the_preview_shows_examples_in_place_of_words(form: Form) -> None:
    form.write("Order ready", TEXT, first_name="Ann")
    expect(form.preview).to_contain_text("Hello Ann, your order is ready")
    form.page.get_by_role("button", name="Link", exact=True).click()
    form.page.get_by_label("Label of the button").fill("Track it")
    expect(form.preview.get_by_role("list", name="Buttons")).to_contain_text("Track it")


def test_caret_and_focus_stay_while_one_types_fast(form: Form) -> None:
    form.write("Order ready", "Hello , it is ready.")
    form.text.evaluate("(field) => { field.focus(); field.setSelectionRange(6, 6); }")
    typed = "dear {{first_name}} and {{other}}"
    for at, character in enumerate(typed):
        form.page.keyboard.type(character)
        form.page.wait_for_timeout(120 if at % 9 == 8 else 15)
    form.saved()
    expect(form.page.get_by_label("Example for other")).to_be_visible()

    expect(form.text).to_have_value(f"Hello {typed}, it is ready.")
    expect(form.text).to_be_focused()
    assert form.text.evaluate("(field) => field.selectionStart") == 6 + len(typed)


def test_over_a_phones_keyboard_the_bars_make_room_while_one_types(form: Form) -> None:
    form.page.set_viewport_size({"width": 390, "height": 450})
    navigation = form.page.get_by_role("navigation", name="Main")
    form.text.click()
    expect(navigation).to_be_hidden()
    assert form.preview.bounding_box()["y"] < 0
    covers = form.text.evaluate(
        "(field) => { field.blur(); return !!document.elementFromPoint(195, innerHeight - 20).closest('.main-nav'); }"
    )
    assert not covers, "a tap that ends the typing reaches what it aims at"
    expect(navigation).to_be_visible()


def test_nothing_typed_is_lost_by_a_reload(form: Form) -> None:
    form.choose("Marketing")
    form.write("Summer", "{{broken and *far* from done")
    form.page.get_by_label(re.compile("^Footer")).fill("Example shop")
    form.saved()
    assert form.page.url.rsplit("/", 1)[1].startswith("out_")
    form.page.reload()
    expect(form.page.get_by_label("Outbound name")).to_have_value("Summer")
    expect(form.text).to_have_value("{{broken and *far* from done")
    expect(form.page.get_by_label(re.compile("^Footer"))).to_have_value("Example shop")
    expect(form.page.get_by_role("radio", name=re.compile("^Marketing"))).to_be_checked()
    form.says("body", "no partner")


def test_what_was_typed_the_moment_before_a_page_is_left_is_kept(form: Form) -> None:
    page, name = form.page, form.page.get_by_label("Outbound name")
    for word, whole in (("Winter", "Winter"), (" and snow", "Winter and snow")):
        name.press("End")
        name.press_sequentially(word)
        page.reload()
        page.locator("#ob-form:not([inert])").wait_for()
        expect(name).to_have_value(whole)

    form.text.press_sequentially("Cold outside")
    page.get_by_role("link", name="Outbound messages").first.click()
    page.get_by_role("link", name="Winter and snow").click()
    expect(form.text).to_have_value("Cold outside")


def test_a_customizable_word_is_inserted_by_keyboard_alone(shop_page: Page, shop: Product) -> None:
    page = shop_page
    designer = Designer(page, shop.url)
    designer.create_flow("Keyboard")
    designer.step("You send it").click()
    page.get_by_role("button", name="Create initial message").click()
    text, dialog = page.get_by_label("Enter the message"), page.get_by_role("dialog", name="Insert customizable word")
    insert = page.get_by_role("button", name="Insert customizable word")
    keys = page.keyboard
    text.focus()
    keys.type("Hello ")
    keys.press("Shift+Tab")
    expect(insert).to_be_focused()

    keys.press("Enter")
    expect(dialog.get_by_label("Name of the word")).to_be_focused()
    keys.press("Escape")
    expect(dialog).to_be_hidden()
    expect(insert).to_be_focused()

    keys.press("Enter")
    keys.type("First name")
    keys.press("Tab")
    keys.type("Ann")
    keys.press("Enter")
    expect(text).to_be_focused()
    keys.type(", it is ready.")
    expect(text).to_have_value("Hello {{first_name}}, it is ready.")
    expect(page.get_by_label("Example for first_name")).to_have_value("Ann")
    expect(page.get_by_role("complementary", name="Preview")).to_contain_text("Hello Ann, it is ready.")

    keys.type(" Bye.")
    keys.press("Escape")
    keys.press("Escape")
    expect(text).to_be_hidden()
    designer.step("You send it").click()
    expect(text).to_have_value("Hello {{first_name}}, it is ready. Bye.")


def test_two_braces_ask_for_the_word_and_half_of_one_is_told_after_a_pause(form: Form) -> None:
    keys, name, fault = form.page.keyboard, form.page.get_by_label("Name of the word"), form.page.locator(form.fault("body"))
    form.text.focus()
    keys.type("Hello {{")
    expect(name).to_be_focused()
    keys.press("Escape")
    expect(form.text).to_be_focused()
    expect(fault).not_to_contain_text("no partner")
    expect(fault).to_contain_text("no partner")
    keys.press("Backspace")
    keys.type("{First name")
    keys.press("Enter")
    expect(form.page.get_by_text("Enter an example.")).to_be_visible()
    keys.type("Ann")
    keys.press("Enter")
    keys.type(", it is ready.")
    expect(form.text).to_have_value("Hello {{first_name}}, it is ready.")
    expect(fault).to_be_empty()


def test_whatever_is_typed_after_two_braces_stands_in_the_text(form: Form) -> None:
    keys = form.page.keyboard
    form.text.focus()
    typed = "{{1}} is ready. {{first_name}}, come and fetch what you ordered from us. {{ and no end of it, however long it is"
    keys.type(typed)
    expect(form.text).to_have_value(typed)
    keys.type(" {{half")
    keys.press("Escape")
    keys.type(".")
    expect(form.text).to_have_value(typed + " {{half.")


def test_a_message_is_submitted_once_and_can_be_sent_when_approved(form: Form) -> None:
    form.write("Order approved", TEXT, first_name="Ann")
    page = form.page
    draft = page.context.new_page()
    draft.goto(page.url)
    form.submit()
    expect(page.get_by_role("button", name="Send to revision")).to_have_count(0)
    expect(page.get_by_role("textbox")).to_have_count(0)

    draft.get_by_role("button", name="Send to revision").click()
    expect(draft.get_by_text("each message is reviewed only once").or_(draft.get_by_text("can no longer be changed"))).to_be_visible()

    expect(form.verdict).to_contain_text("Message approved by Meta", timeout=15_000)
    page.get_by_role("link", name="Send", exact=True).click()
    page.get_by_label("Phone number").wait_for()


def test_a_rejected_message_gives_reason_and_advice_and_is_mended_in_a_copy(form: Form) -> None:
    text = "Dear {{first_name}}, the table that you reserved is waiting for you."
    form.write("Table", text, first_name="Ann")
    form.submit()
    expect(form.verdict).to_contain_text("Message approved by Meta", timeout=15_000)

    form.open()
    form.write("Table again", text, first_name="Ann")
    form.says("body", "“Table” has the same message and footer")
    form.submit()
    form.page.evaluate("window.isSamePage = true")
    expect(form.verdict).to_contain_text("Rejected by Meta", timeout=15_000)
    expect(form.verdict).to_contain_text("same body and footer as another template")
    expect(form.verdict).to_contain_text("Recommendation: Send the existing template, or change the words")
    assert form.page.evaluate("window.isSamePage") is True

    form.page.get_by_role("button", name="Duplicate").click()
    expect(form.page.get_by_label("Outbound name")).to_have_value("Table again (copy)")
    expect(form.text).to_have_value(text)
    form.text.fill(text.replace("waiting", "laid"))
    form.submit()
    expect(form.verdict).to_contain_text("Message approved by Meta", timeout=15_000)
