"""A conversation as a chat: each message as it is drawn by conversations/_chat.html."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flowbuilder.core.medium import Medium
from flowbuilder.core.template import Rendered
from flowbuilder.services.conversations import pages, received
from flowbuilder.services.sending import reasons
from flowbuilder.store import db
from flowbuilder.store.conversations import Conversation
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.store.received import ReceivedFile
from flowbuilder.store.sending import Message
from flowbuilder.web.sending.message import read_as


def bubbles(row: Conversation) -> list[dict[str, Any]]:
    messages = pages.transcript(row)
    files = received.of_messages([message.id for message in messages if message.kind == "media"])
    return [_bubble(message) | {"file": files.get(message.id)} for message in messages]


def files_of(shown: list[dict[str, Any]]) -> dict[str, ReceivedFile]:
    """The files in a chat by id, for the answers that are their addresses."""
    return {bubble["file"].id: bubble["file"] for bubble in shown if bubble["file"]}


def files_among(messages: Iterable[Message]) -> dict[str, ReceivedFile]:
    """The same for messages that are only listed."""
    return {row.id: row for row in received.of_messages([one.id for one in messages if one.kind == "media"]).values()}


def _bubble(message: Message) -> dict[str, Any]:
    """One message as the chat shows it."""
    content = message.content
    shown = _read_as(message) if content.get("kind", "template") == "template" or "parameters" in content else None
    return {
        "message": message, "is_ours": message.direction == "out", "shown": shown, "content": content,
        "medium": Medium.from_json(content.get("medium")),
        "kind": content.get("kind", ""),
        "reason": reasons.of(message.error_code),
    }  # fmt: skip


def _read_as(message: Message) -> Rendered | None:
    """A template message with its head and buttons; the row of a batch keeps only its parameters."""
    return read_as(message, db.session.get(TemplateMessage, message.template_id) if message.template_id else None)
