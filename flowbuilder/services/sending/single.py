"""One template message to one person, wished for by a page or another program."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from flowbuilder import clock, queue
from flowbuilder.core import message as messages
from flowbuilder.core import phone as phones
from flowbuilder.core.delivery import DeliveryStatus
from flowbuilder.core.finding import Finding
from flowbuilder.core.medium import Medium
from flowbuilder.core.review import ReviewStatus
from flowbuilder.core.template import Category, TemplateContent, check_parameters, render
from flowbuilder.errors import Conflict, Invalid, NotFound
from flowbuilder.services import transaction
from flowbuilder.services.contacts import consent
from flowbuilder.services.sending import doors
from flowbuilder.store import db
from flowbuilder.store.accounts import Line, TestPhone
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.store.sending import Message

_IDS_END = 2**62


def send(
    workspace_id: str,
    template_id: str,
    phone: str,
    parameters: Mapping[str, str],
    *,
    version_id: str | None = None,
    medium: Medium | None = None,
    code: int | None = None,
    is_trial: bool = False,
    user_id: str | None,
    client_key: str,
) -> Message:
    """Queue an approved outbound message for ``phone`` and ring. The same ``client_key`` again gives the first message.

    Without a ``medium`` the sample stands at its head. A one-time ``code``, by its id, is filled in as it leaves, and proves no opt-in.
    """
    if earlier := of_key(workspace_id, client_key):
        return earlier
    template = db.session.get(TemplateMessage, template_id)
    if template is None or template.workspace_id != workspace_id:
        raise NotFound()
    content = TemplateContent.from_json(template.content)
    number = _checked(template, content, phone, parameters, is_trial)
    said = messages.to_json(messages.Template(template_id, dict(parameters), render(content, parameters).body))
    shown = doors.medium_to_send(content, medium)
    said |= ({"medium": shown.to_json()} if shown else {}) | ({"code": code} if code else {})
    row = Message(
        workspace_id=workspace_id, line_id=template.line_id, direction="out", kind="template", status=DeliveryStatus.QUEUED,
        phone=number, template_id=template_id, version_id=version_id, client_key=client_key, content=said,
        is_trial=is_trial, created_by=user_id, created_at=clock.now(),
    )  # fmt: skip
    try:
        with transaction() as session:
            if code is None and (contact := consent.confirmed_for_one(session, row, user_id)):
                row.contact_id = contact.id
            session.add(row)
    except IntegrityError:
        if earlier := of_key(workspace_id, client_key):
            return earlier
        raise
    queue.ring(queue.REPLIES, "converse")
    return row


def find(workspace_id: str, message_id: int) -> Message:
    """What we sent under this id."""
    ours = select(Message).where(Message.id == message_id, Message.workspace_id == workspace_id, Message.direction == "out")
    row = db.session.scalar(ours) if 0 < message_id < _IDS_END else None
    if row is None:
        raise NotFound()
    return row


def of_key(workspace_id: str, client_key: str) -> Message | None:
    """The message that was wished for under this key."""
    return db.session.scalar(select(Message).where(Message.workspace_id == workspace_id, Message.client_key == client_key))


def _checked(template: TemplateMessage, content: TemplateContent, phone: str, parameters: Mapping[str, str], is_trial: bool) -> str:
    """The number to write to. Raises what stands in the way of sending."""
    if template.status != ReviewStatus.APPROVED:
        raise Conflict("Only an approved outbound message can be sent, and this one is not approved now.")
    read = phones.read("", phone)
    if isinstance(read, phones.PhoneFault):
        raise Invalid(findings=[Finding(read.value, read.text, field="phone")])
    if findings := check_parameters(content, parameters):
        raise Invalid(findings=findings)
    if refusal := consent.refusal(template.workspace_id, read.e164, Category(template.category)):
        raise Invalid(findings=[Finding("opted_out", refusal, field="phone")])
    line = db.session.get_one(Line, template.line_id)
    if is_trial and not line.is_simulator and not _is_test_phone(template.workspace_id, read.e164):
        text = "Drafts may only be tried on numbers of the workspace's tester list. Add this number there, or choose another."
        raise Invalid(findings=[Finding("not_a_tester", text, field="phone")])
    return read.e164


def _is_test_phone(workspace_id: str, phone: str) -> bool:
    return db.session.scalar(select(TestPhone.id).where(TestPhone.workspace_id == workspace_id, TestPhone.phone == phone)) is not None
