"""One message followed live: accepted, sent, delivered, read, failed, answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Response, g, url_for
from sqlalchemy import select

from flowbuilder import clock
from flowbuilder.core import template as templates
from flowbuilder.core.delivery import DeliveryStatus
from flowbuilder.core.flow import Flow
from flowbuilder.core.medium import Medium
from flowbuilder.core.nodes import name_of
from flowbuilder.core.template import Rendered, TemplateContent
from flowbuilder.services.conversations.pages import standings
from flowbuilder.services.sending import again, reasons, single
from flowbuilder.store import db
from flowbuilder.store.accounts import Line, Role
from flowbuilder.store.conversations import Conversation
from flowbuilder.store.flows import FlowVersion
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.store.sending import Batch, Message
from flowbuilder.web.policy import allow
from flowbuilder.web.render import go, is_htmx, render
from flowbuilder.web.sending import bp, entrance

_OVER = (DeliveryStatus.FAILED, DeliveryStatus.SKIPPED, DeliveryStatus.CANCELLED)
_DONE_IN_FEED = {"accepted": "accepted_at", "sent": "sent_at", "delivered": "delivered_at", "read": "read_at", "answered": "answered_at"}
_STEPS = (("accepted", "Accepted"), ("sent", "Sent"), ("delivered", "Delivered"), ("read", "Read"), ("answered", "Answered"))


@dataclass(frozen=True, slots=True)
class Step:
    """One mark on the way of a message; ``state`` is done, now, todo or failed."""

    name: str
    label: str
    state: str
    at: datetime | None = None


@bp.get("/messages/<int:message_id>", endpoint="message")
@allow(Role.VIEWER)
def follow(message_id: int) -> str:
    return render("sending/message.html", "progress" if is_htmx() else None, **_context(single.find(g.workspace_id, message_id)))


@bp.post("/messages/<int:message_id>/resend")
@allow(Role.TESTER)
def resend(message_id: int) -> Response:
    again.resend(g.workspace_id, single.find(g.workspace_id, message_id).id, user_id=g.user_id)
    return go(url_for("sending.message", message_id=message_id))


def _context(message: Message) -> dict[str, object]:
    template = db.session.get(TemplateMessage, message.template_id) if message.template_id else None
    talk = _conversation(message)
    starts_flow = bool(template and TemplateContent.from_json(template.content).starts_flow)
    told = {"steps": steps_of(message, starts_flow=starts_flow), "every": _pace(message, talk, starts_flow=starts_flow)}
    found = {"template": template, "rendered": read_as(message, template), "reason": reasons.of(message.error_code)}
    around = {"back": _back(message, template), "to": message.phone or "", "conversation": talk}
    around |= {"standing": standings([talk])[talk.id], "step": _step_of(talk)} if talk else {}
    around |= {"virtual_phone": entrance.virtual_phone(db.session.get_one(Line, message.line_id), message.phone)}
    return {"message": message} | told | found | around


def _conversation(message: Message) -> Conversation | None:
    """The one that it opened, or in which it was said."""
    opened = db.session.scalar(select(Conversation).where(Conversation.opened_by == message.id))
    return opened or (db.session.get(Conversation, message.conversation_id) if message.conversation_id else None)


def _step_of(talk: Conversation) -> str:
    """Where the conversation is, or where it ended."""
    node = Flow.from_json(talk.version.document).nodes.get(talk.state.get("node") or "")
    return name_of(node) if node else "a step that is gone"


def _back(message: Message, template: TemplateMessage | None) -> tuple[str, str] | None:
    """Where the message was sent from: its batch, the trial of a flow, or the outbound message."""
    if message.batch_id:
        return "Batch", url_for("sending.batch", batch_id=message.batch_id)
    if message.is_trial and message.version_id:
        version = db.session.get_one(FlowVersion, message.version_id)
        return "Test conversation", url_for("sending.trial", flow_id=version.flow_id, template=message.template_id)
    return (template.name, url_for("sending.send", template_id=template.id)) if template else None


def steps_of(message: Message, *, starts_flow: bool) -> list[Step]:
    """The way of the message as a line of steps; what came out of order is filled up to the furthest."""
    reached = {name: getattr(message, at) for name, at in _DONE_IN_FEED.items()}
    names = [step for step in _STEPS if step[0] != "answered" or starts_flow or reached["answered"]]
    furthest = max((at for at, (name, _label) in enumerate(names) if reached[name] or message.status == name), default=-1)
    steps = [
        Step(
            name,
            label,
            "done" if at <= furthest else "now" if at == furthest + 1 and message.status not in _OVER else "todo",
            reached[name],
        )
        for at, (name, label) in enumerate(names)
    ]
    if message.status == DeliveryStatus.FAILED:
        steps = [step for step in steps if step.state == "done"] + [Step("failed", "Failed", "failed", message.failed_at)]
    return steps


def read_as(message: Message, template: TemplateMessage | None) -> Rendered | None:
    if template is None:
        return None
    medium = db.session.get_one(Batch, message.batch_id).plan.get("medium") if message.batch_id else message.content.get("medium")
    content = TemplateContent.from_json(template.content)
    return templates.render(content, message.content.get("parameters") or {}, Medium.from_json(medium))


def _pace(message: Message, talk: Conversation | None, *, starts_flow: bool) -> str:
    """How often the page asks again, of the message or of the conversation that followed; not at all when nothing more is to come."""
    if talk:
        return "" if talk.ended_at else "1s" if clock.now() - talk.updated_at < timedelta(minutes=10) else "5s"
    if message.status in _OVER or message.answered_at or (message.status == DeliveryStatus.READ and not starts_flow):
        return ""
    age = clock.now() - message.created_at
    if age > timedelta(hours=24):
        return ""
    return "1s" if age < timedelta(minutes=3) else "5s" if age < timedelta(minutes=30) else "30s"
