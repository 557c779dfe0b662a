"""The languages of one message: each is a message of its own for Meta, under one name; here they stand together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select

from flowbuilder.core.finding import Finding
from flowbuilder.core.languages import LANGUAGES
from flowbuilder.core.otp import relabelled
from flowbuilder.core.review import ReviewStatus
from flowbuilder.core.template import Format, TemplateContent
from flowbuilder.errors import Conflict, Invalid
from flowbuilder.services.outbound.drafts import create
from flowbuilder.services.outbound.find import find
from flowbuilder.store import db
from flowbuilder.store.outbound import TemplateMessage


def in_group(row: TemplateMessage) -> Sequence[TemplateMessage]:
    """This message in all its languages, the first written first; deleted ones are none of them."""
    query = select(TemplateMessage).where(
        TemplateMessage.workspace_id == row.workspace_id,
        TemplateMessage.group_id == row.group_id,
        (TemplateMessage.status != ReviewStatus.DELETED) | (TemplateMessage.id == row.id),
    )
    return db.session.scalars(query.order_by(TemplateMessage.created_at, TemplateMessage.id)).all()


def source_of(row: TemplateMessage) -> TemplateMessage | None:
    """The message that this one translates: the one it was made from, else the first of its group."""
    others = [other for other in in_group(row) if other.id != row.id]
    return next((other for other in others if other.id == row.copied_from), others[0] if others else None)


def add_language(workspace_id: str, template_id: str, language: str, user_id: str | None, *, copy_id: str = "") -> TemplateMessage:
    """A draft of the same message in another language, with the text of the first to be translated; ``copy_id`` names it beforehand."""
    source = find(workspace_id, template_id)
    if language not in LANGUAGES:
        raise Invalid(findings=[Finding("unknown_language", "Choose the language to add.", field="language")])
    taken = next((other for other in in_group(source) if other.language == language), None)
    if taken is not None:
        raise Conflict(f"This message exists in {LANGUAGES[language]} already.")
    if source.unheld:
        raise Conflict(f"It cannot be written in another language from here. {source.unheld}")
    content = TemplateContent.from_json(source.content)
    label = relabelled(content.otp.button_label, was=content.language, now=language)
    code = replace(content.otp, body="", footer="", button_label=label)
    content = replace(content, language=language, format=Format.NAMED, otp=code)
    return create(workspace_id, source.line_id, content, user_id, template_id=copy_id, copied_from=source.id, group_id=source.group_id)
