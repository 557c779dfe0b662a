"""Drafts: made, saved as they are typed, copied, thrown away. Nothing that Meta has seen is ever changed here."""

from __future__ import annotations

import re
from dataclasses import replace

from sqlalchemy import delete as sql_delete
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from flowbuilder import clock
from flowbuilder.core.finding import Finding
from flowbuilder.core.naming import wire_name
from flowbuilder.core.review import ReviewStatus
from flowbuilder.core.template import Format, TemplateContent
from flowbuilder.errors import Conflict, Invalid
from flowbuilder.services import transaction
from flowbuilder.services.accounts import audit
from flowbuilder.services.outbound.find import find
from flowbuilder.store import db, new_id
from flowbuilder.store.accounts import Line
from flowbuilder.store.outbound import ReviewEvent, TemplateMessage

_ID = re.compile(r"out_[0-9a-z]{20}\Z")
READ_ONLY = "This message has been submitted and can no longer be changed. Duplicate it to write another."


def create(
    workspace_id: str,
    line_id: str,
    content: TemplateContent,
    user_id: str | None,
    *,
    template_id: str = "",
    copied_from: str | None = None,
    group_id: str | None = None,
) -> TemplateMessage:
    """A new draft. A page that saves as one types names the id beforehand, so that saving twice makes one message."""
    if template_id and not _ID.match(template_id):
        raise Invalid("This address is not one of an outbound message. Begin again with Create new message.")
    now = clock.now()
    row = TemplateMessage(
        id=template_id or new_id("out"),
        workspace_id=workspace_id,
        status=ReviewStatus.DRAFT,
        copied_from=copied_from,
        created_by=user_id,
        created_at=now,
        updated_at=now,
    )
    if group_id:
        row.group_id = group_id
    with transaction() as session:
        _write(row, line_id, content)
        session.add(row)
        session.flush()
        text = f"Copied from {find(workspace_id, copied_from).name or 'a message without a name'}." if copied_from else "Draft made."
        session.add(ReviewEvent(template_id=row.id, at=now, source="person", event="created", status=row.status, text=text, raw={}))
        audit.record(session, workspace_id, user_id, "outbound.created", row.id, f"Made the outbound message {content.name}.")
    return row


def save(workspace_id: str, template_id: str, line_id: str, content: TemplateContent, user_id: str | None) -> TemplateMessage:
    """Keep what was typed, however incomplete; the first time this makes the draft.

    A page that is being left saves while an earlier saving may still be making it: what comes second keeps its words in that one.
    """
    kept = _save_again(workspace_id, template_id, line_id, content)
    if kept is not None:
        return kept
    try:
        return create(workspace_id, line_id, content, user_id, template_id=template_id)
    except IntegrityError:
        kept = _save_again(workspace_id, template_id, line_id, content)
        if kept is None:
            raise
        return kept


def _save_again(workspace_id: str, template_id: str, line_id: str, content: TemplateContent) -> TemplateMessage | None:
    """The message with these words, if there is one; what comes late, after the very same was submitted, has nothing more to keep."""
    with transaction() as session:
        if session.get(TemplateMessage, template_id) is None:
            return None
        row = find(workspace_id, template_id, locked=True)
        if row.status != ReviewStatus.DRAFT and row.content == content.to_json():
            return row
        _must_be_draft(row)
        _write(row, line_id, content)
        row.updated_at = clock.now()
        return row


def duplicate(workspace_id: str, template_id: str, user_id: str | None, *, copy_id: str = "") -> TemplateMessage:
    """An editable copy, with everything but the review; ``copy_id`` names it beforehand."""
    original = find(workspace_id, template_id)
    content = TemplateContent.from_json(original.content)
    name = f"{content.name} (copy)"[:120] if content.name else ""
    copy = replace(content, name=name, format=Format.NAMED, otp=replace(content.otp, body="", footer=""))
    return create(workspace_id, original.line_id, copy, user_id, template_id=copy_id, copied_from=original.id)


def delete_draft(workspace_id: str, template_id: str, user_id: str | None) -> None:
    """Throw a draft away; Meta never knew of it."""
    with transaction() as session:
        row = find(workspace_id, template_id, locked=True)
        _must_be_draft(row)
        session.execute(update(TemplateMessage).where(TemplateMessage.copied_from == row.id).values(copied_from=None))
        session.execute(sql_delete(ReviewEvent).where(ReviewEvent.template_id == row.id))
        session.execute(sql_delete(TemplateMessage).where(TemplateMessage.id == row.id))
        audit.record(session, workspace_id, user_id, "outbound.deleted", row.id, f"Deleted the draft {row.name}.")


def _must_be_draft(row: TemplateMessage) -> None:
    if row.status != ReviewStatus.DRAFT:
        raise Conflict(READ_ONLY)


def _write(row: TemplateMessage, line_id: str, content: TemplateContent) -> None:
    """The columns repeat, for lists and filters, what the content says."""
    line = db.session.scalar(select(Line).where(Line.id == line_id, Line.workspace_id == row.workspace_id))
    if line is None:
        text = "Choose the line that sends the message; there is none like that in this workspace."
        raise Invalid(text, [Finding("unknown", text, field="line_id")])
    settled = content.settled()
    row.line_id = line.id
    row.name = content.name[:120]
    row.wire_name = wire_name(content.name, row.id)
    row.language = content.language[:8]
    row.category = content.category
    row.kind = settled.kind
    row.conversation = settled.conversation
    row.content = content.to_json()
