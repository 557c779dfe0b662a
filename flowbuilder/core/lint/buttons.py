"""Rules for the options of a conversation and for actions (page templates/components, buttons)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import urlsplit

import phonenumbers

from flowbuilder.core.finding import Finding, Fix, Severity
from flowbuilder.core.lint.texts import TAKE_OUT, cut_to, emoji_in
from flowbuilder.core.template import Call, Link, Reply, TemplateContent, words_in

LABEL_MAX, LINKS_MAX, CALLS_MAX, BUTTONS_MAX, URL_MAX, PHONE_MAX = 25, 2, 1, 10, 2000, 20
SHORTENERS = {"bit.ly", "tinyurl.com", "goo.gl", "t.co", "ow.ly", "is.gd", "buff.ly", "rebrand.ly", "cutt.ly", "t.ly", "rb.gy"}
CHAT_HOSTS = {"wa.me", "api.whatsapp.com", "chat.whatsapp.com"}
_HOST = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]*\Z")


def _labels(content: TemplateContent) -> Iterator[tuple[str, str]]:
    if content.starts_flow:
        yield "continue_option", content.continue_option
        yield "finish_option", content.finish_option
    for index, action in enumerate(content.actions):
        yield f"actions.{index}.label", action.label


def options(content: TemplateContent) -> Iterator[Finding]:
    """Ours: a flow begins by one button and is declined by another."""
    if not content.starts_flow:
        return
    if not content.continue_option.strip():
        yield Finding(
            "missing_option", "Write what the button says that starts the conversation, such as Continue.", field="continue_option"
        )
    if not content.finish_option.strip():
        yield Finding("missing_option", "Write what the button says that ends the conversation, such as Cancel.", field="finish_option")


def labels(content: TemplateContent) -> Iterator[Finding]:
    """Labels have at most 25 characters, no variables, no line breaks, no emoji."""
    for field, label in _labels(content):
        if not label.strip() and field.startswith("actions."):
            yield Finding("missing_label", "Write what the button says.", field=field)
        if len(label) > LABEL_MAX:
            text = f"The button has {len(label)} characters. Shorten it to {LABEL_MAX}."
            yield Finding("label_too_long", text, field=field, fix=cut_to(LABEL_MAX))
        if words_in(label) or "{{" in label:
            yield Finding("label_form", "A button may not have customizable words. Write a fixed text.", field=field)
        if emoji_in(label) or "\n" in label:
            yield Finding("label_form", "A button may not have emoji or line breaks. Write plain text.", field=field, fix=TAKE_OUT)


def unique(content: TemplateContent) -> Iterator[Finding]:
    """No two buttons of a message say the same."""
    seen: set[str] = set()
    for field, label in _labels(content):
        key = label.strip().casefold()
        if key and key in seen:
            yield Finding("same_label", f"Another button says “{label.strip()}” as well. Give each its own text.", field=field)
        seen.add(key)


def counts(content: TemplateContent) -> Iterator[Finding]:
    """At most one call, two links, ten buttons in all."""
    kinds = Counter(action.kind for action in content.actions)
    total = len(content.actions) + (2 if content.starts_flow else 0)
    if kinds["call"] > CALLS_MAX:
        yield Finding("too_many_calls", "A message may have one action Call. Remove the others.", field="actions")
    if kinds["link"] > LINKS_MAX:
        yield Finding("too_many_links", "A message may have two actions Link. Remove the others.", field="actions")
    if total > BUTTONS_MAX:
        yield Finding("too_many_buttons", f"The message has {total} buttons, ten is the most. Remove some.", field="actions")


def together(content: TemplateContent) -> Iterator[Finding]:
    """templates/components: quick replies form one group, before or after all other buttons."""
    is_answer = [True] * (2 if content.starts_flow else 0) + [isinstance(action, Reply) for action in content.actions]
    if sum(a is not b for a, b in pairwise(is_answer)) > 1:
        text = "Answers must stand together, before or after all other buttons. Put them next to each other."
        yield Finding("answers_apart", text, field="actions", fix=Fix("gather", "Put them together"))


def calls(content: TemplateContent) -> Iterator[Finding]:
    """A number with its country code, at most 20 characters."""
    for index, action in enumerate(content.actions):
        if not isinstance(action, Call):
            continue
        field = f"actions.{index}.phone"
        if not action.phone.strip():
            yield Finding("missing_phone", "Enter the number that is called, with + and the country code.", field=field)
            continue
        phone, number = action.phone.strip(), _parsed(action.phone)
        if number is None or not _DIALLED.fullmatch(phone):
            text = "This is not a phone number that can be called. Write it with + and the country code, such as +49 30 901820."
            with_plus = _parsed("+" + phone)
            is_certain = with_plus is not None and phonenumbers.is_valid_number(with_plus) and len(phone) < PHONE_MAX
            yield Finding("phone_form", text, field=field, fix=Fix("plus", f"Make it +{phone}") if is_certain else None)
        elif not phonenumbers.is_valid_number(number):
            text = "No such numbers are given out in this country. Check the digits."
            yield Finding("phone_doubtful", text, field=field, severity=Severity.WARNING)


def links(content: TemplateContent) -> Iterator[Finding]:
    """Addresses have at most 2000 characters; client: no wa.me, no shorteners."""
    for index, action in enumerate(content.actions):
        if not isinstance(action, Link):
            continue
        field, url = f"actions.{index}.url", action.url.strip()
        if not url:
            yield Finding("missing_url", "Enter the address that is opened, beginning with https://.", field=field)
            continue
        host = _host(url)
        if not host:
            text = "This is not a web address. Write it in full, such as https://shop.example/orders."
            fix = Fix("https", "Put https:// before it") if "//" not in url and _host("https://" + url) else None
            yield Finding("url_form", text, field=field, fix=fix)
        elif host.removeprefix("www.") in CHAT_HOSTS:
            yield Finding("chat_link", "WhatsApp refuses links to itself (wa.me) in buttons. Link to your own site.", field=field)
        elif host.removeprefix("www.") in SHORTENERS:
            yield Finding("short_link", "WhatsApp refuses shortened links. Write the address that it leads to.", field=field)
        if len(url) > URL_MAX:
            yield Finding("url_too_long", f"The address has {len(url):,} characters, {URL_MAX:,} is the most.", field=field)


def link_words(content: TemplateContent) -> Iterator[Finding]:
    """At most one variable in an address, only at its end."""
    for index, action in enumerate(content.actions):
        names = words_in(action.url) if isinstance(action, Link) else ()
        if not names:
            continue
        field = f"actions.{index}.url"
        if len(names) > 1:
            yield Finding("link_words", "A link may have one customizable word. Leave out the others.", field=field)
        elif not action.url.strip().endswith("}}"):
            yield Finding("link_word_place", "In a link the customizable word must come last. Move it to the end.", field=field)


_DIALLED = re.compile(r"\+(?=(?:\D*\d){5,15}\D*\Z)[\d ()./-]{5,19}")
"""What Meta takes: at most 20 characters, 5 to 15 of them digits, with the country code first."""


def _parsed(phone: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(phone, None)
    except phonenumbers.NumberParseException:
        return None


def _host(url: str) -> str:
    """The host of a full web address whose words are filled in, or nothing if it is none."""
    if re.search(r"[\s<>\"\\^`|]", re.sub(r"\{\{\s*[^{}]*?\s*\}\}", "x", url)):
        return ""
    try:
        parts = urlsplit(re.sub(r"\{\{[^{}]*\}\}", "x", url))
        host = parts.hostname or ""
    except ValueError:
        return ""
    return host if parts.scheme in ("http", "https") and _HOST.match(host) else ""
