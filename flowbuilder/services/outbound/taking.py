"""Taking Meta's own description of a message over into its row; part of other verbs' transactions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flowbuilder.core.opening import as_opening
from flowbuilder.core.template import TemplateContent
from flowbuilder.services.outbound import record
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.whatsapp import payloads, templates
from flowbuilder.whatsapp.templates import Held


def take_words(row: TemplateMessage, held: Held) -> bool:
    """Let the row say what Meta shows; whether that is anything new. As long as the words are the same, ours stay."""
    ours = TemplateContent.from_json(row.content)
    if not row.unheld and not held.unheld and _words(_as_meta_shows(ours, row.wire_name)) == _words(held.content):
        return _take_code_text(row, ours, held)
    content = replace(held.content, name=ours.name or held.content.name, sample=ours.sample)
    content = as_opening(content) if ours.starts_flow else content
    if (row.unheld, row.content) == (held.unheld, content.to_json()):
        return False
    show(row, content, held)
    record.event(row, "meta", "words_read", "Meta shows other words than before; they are taken over here.")
    return True


def show(row: TemplateMessage, content: TemplateContent, held: Held) -> None:
    """The columns repeat, for lists and filters, what the content says."""
    row.content, row.unheld, row.components = content.to_json(), held.unheld, held.components
    row.kind, row.conversation = content.kind, content.conversation


def _take_code_text(row: TemplateMessage, ours: TemplateContent, held: Held) -> bool:
    """Meta shows a one-time code with its own text in it."""
    if not ours.is_otp or not held.content.otp.body or held.content.otp.body == ours.otp.body:
        return False
    code = replace(ours.otp, body=held.content.otp.body, footer=held.content.otp.footer)
    row.content = replace(ours, otp=code).to_json()
    return True


def _as_meta_shows(content: TemplateContent, wire_name: str) -> TemplateContent:
    return templates.read(payloads.create(content, wire_name)).content


def _words(content: TemplateContent) -> Any:
    """What two descriptions must share to be of the same message. Examples are none of it: Meta shows them at its leisure."""
    if content.is_otp:
        return content.category
    return content.kind, content.header, content.body, content.footer, content.actions
