"""What one person wrote while nothing here heard it gets one answer in each conversation, however many messages it is.

Whoever waits for us writes again, and all of it is heard at once when we are back. Only what comes late is judged so:
in a conversation that goes on, each message is an answer to what stands above it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Exists, exists, select

from flowbuilder.core import message
from flowbuilder.core.delivery import DeliveryStatus
from flowbuilder.core.run import Input
from flowbuilder.services.conversations import turns
from flowbuilder.services.conversations.turns import Tx
from flowbuilder.store.conversations import Conversation
from flowbuilder.store.sending import Message
from flowbuilder.whatsapp.webhooks import InboundMessage, Item

LATE = timedelta(seconds=30)
"""Longer than webhooks take while all is well."""


def followed(items: Iterable[tuple[str, Item]]) -> set[str]:
    """Of what is heard at once, each with its line, the messages (by wamid) after which the same person said more."""
    said = [(line_id, item) for line_id, item in items if isinstance(item, InboundMessage)]
    found: set[str] = set()
    last: dict[tuple[str, str | None], str] = {}
    for line_id, item in sorted(said, key=lambda each: each[1].timestamp or 0):
        if Input.of(message.from_json(item.content)) is None:
            continue
        whom = (line_id, item.user_id or item.wa_id)
        if last.get(whom, item.wamid) != item.wamid:
            found.add(last[whom])
        last[whom] = item.wamid
    return found


def passed_over(session: Tx, row: Conversation, answer: Input, at: datetime, now: datetime, *, is_followed: bool) -> tuple[str, str] | None:
    """Why this message gets no answer of its own, as reason and words; None if it gets one. The exit word always does."""
    if now - at <= LATE:
        return None
    foreseen = turns.foreseen(row, answer, now)
    if foreseen.is_exit:
        return None
    if session.scalar(select(_said_since(row, at))):
        return "burst", "It arrived late and was written before our last answer, so it was not taken for an answer to that."
    if is_followed and not foreseen.is_understood:
        return "burst", "It arrived late and together with what this person wrote after it, which counts instead."
    return None


def _said_since(row: Conversation, at: datetime) -> Exists:
    said = (Message.direction == "out", Message.kind != "template", Message.status != DeliveryStatus.CANCELLED)
    return exists().where(Message.conversation_id == row.id, Message.created_at > at, *said)
