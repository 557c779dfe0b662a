"""Who asks to hear nothing more, or to hear from us again: by a word, a button, WhatsApp's own menu, or Meta's refusal of a message.

A word is honoured before any flow sees it, and answered once, in the person's language. It answers no step and starts
no conversation, unless the flow itself has it: as its word for leaving, or on a button of its initial message.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from flowbuilder import clock
from flowbuilder.core import message as messages
from flowbuilder.core.conditions import same_answer
from flowbuilder.core.consent import OUT, Consent, ConsentSource, Wish, confirmation, language_of, wish
from flowbuilder.core.delivery import DeliveryStatus
from flowbuilder.core.run import OPEN
from flowbuilder.core.template import TemplateContent
from flowbuilder.core.variables import EXIT_WORD
from flowbuilder.services import transaction
from flowbuilder.services.contacts import consent, people
from flowbuilder.services.contacts.people import Tx
from flowbuilder.services.conversations import saying, turns
from flowbuilder.services.inbound import contacts
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.conversations import Contact, Conversation
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.store.sending import Message
from flowbuilder.whatsapp.webhooks import InboundMessage, UserPreference

_WINDOW = timedelta(hours=24)
_PREFERENCES = {"stop": Consent.OPTED_OUT, "resume": Consent.OPTED_IN, "signup": Consent.OPTED_IN}


def of(item: InboundMessage, contact: Contact) -> Wish | None:
    """What this message asks for, if that is all it says and it would mean something."""
    if item.kind not in ("text", "button"):
        return None
    found = next((one for text in _texts(item) if (one := wish(text))), None)
    if found is None:
        return None
    return found if found.consent is not Consent.OPTED_IN or contact.consent in OUT else None


def heed(session: Tx, line: Line, contact: Contact, item: InboundMessage, asked: Wish, quoted: Message | None, at: datetime) -> None:
    """Write the wish down, let nothing more leave, and say so once while the person may be written to freely."""
    source = ConsentSource.BUTTON if item.kind == "button" else ConsentSource.WORD
    changed = consent.record(session, contact, asked.consent, source, at, text=_texts(item)[0])
    now = clock.now()
    if asked.consent is Consent.STOPPED:
        _end_conversations(session, contact, now)
    if changed and now - at < _WINDOW:
        body = confirmation(asked.consent, asked.language or _language(session, contact, quoted))
        session.add(
            Message(
                workspace_id=line.workspace_id, line_id=line.id, direction="out", kind="text", status=DeliveryStatus.QUEUED,
                phone=saying.address(contact), contact_id=contact.id, content=messages.to_json(messages.Text(body)), created_at=now,
            )
        )  # fmt: skip


def belongs_to_flow(session: Tx, item: InboundMessage, row: Conversation | None, quoted: Message | None) -> bool:
    """Whether the flow has these very words: to leave it, or on a button of the message that opens it."""
    own: list[str] = []
    if row is not None:
        run = turns.standing(row)
        own += [run.variables.get(EXIT_WORD, ""), *run.labels.values()]
    if quoted is not None and quoted.template_id and turns.version_started_by(session, quoted):
        content = TemplateContent.from_json(session.get_one(TemplateMessage, quoted.template_id).content)
        own += [content.continue_option, content.finish_option]
    return any(word and same_answer(text, word) for word in own for text in _texts(item))


def prefer(line: Line, item: UserPreference) -> None:
    """What the person chose in WhatsApp's own menu, about marketing messages."""
    wanted = _PREFERENCES.get(item.value)
    if wanted is None:
        return
    now = clock.now()
    at = min(now, datetime.fromtimestamp(item.timestamp, UTC)) if item.timestamp else now
    with transaction() as session:
        contact = contacts.known_as(session, line.workspace_id, item.user_id, item.wa_id, now)
        if contact is not None:
            consent.record(session, contact, wanted, ConsentSource.WHATSAPP, at, text=f"{item.category}: {item.value}")


def _texts(item: InboundMessage) -> list[str]:
    content = item.content
    return [str(content[key]) for key in ("body", "title", "id") if content.get(key)] or [""]


def _language(session: Tx, contact: Contact, quoted: Message | None) -> str:
    """That of the message which was answered, else that of the country of the number."""
    template = session.get(TemplateMessage, quoted.template_id) if quoted is not None and quoted.template_id else None
    if template is not None:
        return template.language
    return next((language_of(phone) for phone in people.phones_of(contact)), "en")


def _end_conversations(session: Tx, contact: Contact, now: datetime) -> None:
    """Who wants no messages at all is asked nothing more."""
    waiting = select(Conversation.id).where(Conversation.contact_id == contact.id, Conversation.status.in_(OPEN))
    for conversation_id in db.session.scalars(waiting).all():
        turns.end(session, turns.locked(session, conversation_id), "stopped", now)
