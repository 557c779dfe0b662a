"""What pages and fragments show of a message: the form as stored or as typed, and one that can no longer be changed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import g, request

from flowbuilder.core.languages import LANGUAGES, direction, html_code, offered
from flowbuilder.core.lint.fixes import fixed, undo_of
from flowbuilder.core.opening import can_open
from flowbuilder.core.review import WORDS, ReviewStatus, is_waiting, reason_in_words
from flowbuilder.core.template import Conversation, TemplateContent, examples
from flowbuilder.core.template import render as fill_in
from flowbuilder.errors import Invalid, NotFound
from flowbuilder.services import media, outbound
from flowbuilder.services.accounts import lines
from flowbuilder.store import batches, new_id
from flowbuilder.store.accounts import Line
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.web.outbound.editor import CATEGORIES, Editor
from flowbuilder.web.outbound.form import content_from, cured_by

_CATEGORY_WORDS = {category.value: words for category, words, *_ in CATEGORIES}


def blank(flow_id: str = "") -> Editor:
    """A form in which nothing stands yet; its message comes into being with the first word."""
    line_id, choices = _lines()
    conversation = Conversation.FLOW if flow_id else Conversation.NOTIFICATION
    options = {"continue_option": "Continue", "finish_option": "Cancel"}
    return Editor(new_id("out"), TemplateContent(conversation=conversation, **options), line_id, choices, flow_id=flow_id)


def stored(row: TemplateMessage, flow_id: str = "") -> Editor:
    content = TemplateContent.from_json(row.content)
    more = outbound.doubts(g.workspace_id, row.id, row.line_id, content)
    return Editor(
        row.id,
        content,
        row.line_id,
        _lines()[1],
        row,
        flow_id,
        more=more,
        code_text=outbound.codes.kept(row.line_id, content),
        **_languages(row),
    )


def typed(template_id: str) -> Editor:
    """The form as it was sent, on top of what is stored."""
    try:
        row = outbound.find(g.workspace_id, template_id)
        before = TemplateContent.from_json(row.content)
    except NotFound:
        row, before = None, blank().content
    default, choices = _lines()
    if not choices:
        raise Invalid("There is no line yet that could send a message. An administrator adds one on the page Lines.")
    known = {line.id for line in choices}
    line_id = next((id for id in (request.form.get("line_id"), row and row.line_id) if id in known), default)
    touched = set(re.split(r"[,\s]+", request.form.get("touched", "")[:2000]))
    content, undo = content_from(request.form, _with_sample(before)), ""
    cured = cured_by(request.form, content)
    if cured:
        typed_content, content = content, fixed(content, cured)
        undo = undo_of(typed_content, content)
    more = outbound.doubts(g.workspace_id, template_id, line_id, content)
    flow_id = request.form.get("flow_id", "")
    known = {
        "code_text": outbound.codes.kept(line_id, content),
        "more": more,
        "cured": cured,
        "undo": undo,
        **(_languages(row) if row else {}),
    }
    return Editor(template_id, content, line_id, choices, row, flow_id, touched, **known)


def _languages(row: TemplateMessage) -> dict[str, Any]:
    """The message in its other languages, and what this one is translated from."""
    source = outbound.source_of(row)
    return {
        "siblings": outbound.in_group(row),
        "source": TemplateContent.from_json(source.content) if source else None,
        "lost_autofill": outbound.codes.lost_autofill(row),
    }


def _with_sample(before: TemplateContent) -> TemplateContent:
    """With the sample that the form names; one that names none keeps what was there."""
    wished = request.form.get("sample")
    if wished is None or wished == (before.sample.file if before.sample else ""):
        return before
    return replace(before, sample=media.as_medium(media.find(g.workspace_id, wished)) if wished else None)


def seen(row: TemplateMessage) -> dict[str, Any]:
    """What a page shows of a message that has been submitted."""
    content = TemplateContent.from_json(row.content)
    is_rejected = row.status == ReviewStatus.REJECTED
    return {
        "row": row,
        "content": content,
        "rendered": fill_in(content, examples(content)),
        "direction": direction(content.language),
        "lang": html_code(content.language),
        "waits": is_waiting(row.status),
        "stamp": stamp(row),
        "reason": row.explanation or (reason_in_words(row.reason) if is_rejected else ""),
        "history": outbound.history(row.id),
        **words(),
    }


def stamp(row: TemplateMessage) -> str:
    """What Meta's news can change of a page: a page that shows it already need not be drawn anew."""
    return "-".join((row.status, row.category, row.quality or "", row.announced_category or ""))


def detail(row: TemplateMessage) -> dict[str, Any]:
    """The page of a submitted message: the message, and what became of it."""
    return {
        **seen(row),
        "used_in": outbound.used_in(row.workspace_id, row.id),
        "sends": outbound.sends(row.workspace_id, row.id),
        "batches": batches.recent(row.workspace_id, row.id),
        "opens_flows": not row.unheld and can_open(TemplateContent.from_json(row.content)),
        "languages": outbound.in_group(row),
        "offered_languages": offered(),
    }


def words() -> dict[str, Any]:
    return {"status_words": WORDS, "category_words": _CATEGORY_WORDS, "language_names": LANGUAGES, "categories": CATEGORIES}


def _lines() -> tuple[str, Sequence[Line]]:
    """The line that is chosen at first (the simulator's, else the first), and all of them."""
    found = lines.of_workspace(g.workspace_id)
    return next((line.id for line in found if line.is_simulator), found[0].id if found else ""), found
