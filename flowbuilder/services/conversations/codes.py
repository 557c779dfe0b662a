"""Carrying out what steps Phone code and E-mail code ask: a code leaves at most once per request, and what is typed is compared.

That WhatsApp took a message does not say that it arrives: a conversation hears later when it did not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Select, String, cast, literal, select

from flowbuilder import clock, queue
from flowbuilder.core.answers import read_email
from flowbuilder.core.delivery import DeliveryStatus
from flowbuilder.core.nodes.email_code import PLACE
from flowbuilder.core.run import Input, InputKind
from flowbuilder.core.template import CODE
from flowbuilder.errors import FlowBuilderError
from flowbuilder.outside import mail as outside
from flowbuilder.services import codes, transaction
from flowbuilder.services.accounts import mail
from flowbuilder.services.conversations import turns
from flowbuilder.services.sending import doors, single
from flowbuilder.store import db
from flowbuilder.store.codes import OneTimeCode
from flowbuilder.store.conversations import Conversation
from flowbuilder.store.requests import Request
from flowbuilder.store.sending import Message

Act = Callable[[], Mapping[str, Any]]
_SHOWN = ("sent", "error", "is_right", "is_old")
_KEY = "code:"
_IN_VAIN = (DeliveryStatus.FAILED, DeliveryStatus.SKIPPED, DeliveryStatus.CANCELLED)


def by_phone(asked: Request) -> Act:
    """Queues the outbound message, once however often it is asked; sending does the rest."""
    try:
        code = codes.noted(asked)
        template = doors.approved(asked.workspace_id, asked.content["message"])
        talk = db.session.get_one(Conversation, asked.conversation_id)
        single.send(
            asked.workspace_id, template.id, asked.content["to"], {CODE: codes.SHOWN}, code=code.id, is_trial=talk.is_trial,
            user_id=None, client_key=f"{_KEY}{asked.id}",
        )  # fmt: skip
    except FlowBuilderError as error:
        return _not_sent(error)
    return _known({"sent": True})


def by_mail(asked: Request) -> Act:
    content = asked.content
    try:
        server = mail.server_of(asked.workspace_id)
        to = read_email(content["to"])
        if to is None:
            return _known({"sent": False, "error": "The variable holds no e-mail address."})
        code = codes.plain(codes.noted(asked))
        message = mail.written(asked.workspace_id, to, *(content[part].replace(PLACE, code) for part in ("subject", "mail")))
    except FlowBuilderError as error:
        return _not_sent(error)
    return lambda: _told(outside.send(server, message))


def has_surely_not_left(asked: Request) -> bool:
    """No mail leaves before its code is noted; after that nobody can tell."""
    return not codes.is_noted(asked)


def check(asked: Request) -> Act:
    return _known(codes.compare(asked.conversation_id, asked.content["codes"], asked.content["typed"]))


def undelivered() -> Select[tuple[int, int]]:
    """The codes that hold, each with the message that did not bring it, of which the conversation has not heard yet."""
    carried = Message.client_key == literal(_KEY) + cast(OneTimeCode.request_id, String)
    query = select(OneTimeCode.id, Message.id).join(Request, Request.id == OneTimeCode.request_id)
    query = query.join(Message, (Message.workspace_id == OneTimeCode.workspace_id) & carried)
    holds = (OneTimeCode.expires_at > clock.now(), OneTimeCode.missed_at.is_(None))
    return query.where(*holds, Request.status == "done", Message.status.in_(_IN_VAIN))


def tell_undelivered() -> None:
    for code_id, message_id in db.session.execute(undelivered().order_by(OneTimeCode.id)).all():
        if _tell_undelivered(code_id, message_id):
            queue.ring(queue.REPLIES, "converse")


def _tell_undelivered(code_id: int, message_id: int) -> bool:
    with transaction() as session:
        code = session.get_one(OneTimeCode, code_id, with_for_update=True, populate_existing=True)
        if code.missed_at:
            return False
        asked, why = session.get_one(Request, code.request_id), session.get_one(Message, message_id).error_text
        code.missed_at, asked.result = clock.now(), {"arrived": False, "error": why}
        conversation = turns.locked(session, asked.conversation_id)
        news = Input(InputKind.RESULT, request=asked.number, result=asked.result)
        return turns.take(session, conversation, news, code.missed_at)


def kept(result: Mapping[str, Any]) -> dict[str, Any]:
    return {name: result[name] for name in _SHOWN if name in result}


def _told(sent: outside.Sent) -> dict[str, Any]:
    """Not ``sent`` is what surely never left."""
    if not sent.error:
        return {"sent": True}
    return {"error": sent.error} | ({} if sent.was_handed_over else {"sent": False})


def _known(result: Mapping[str, Any]) -> Act:
    return lambda: result


def _not_sent(error: FlowBuilderError) -> Act:
    findings = getattr(error, "findings", ())
    return _known({"sent": False, "error": findings[0].text if findings else error.text})
