"""Validations by providers: started once however often it is tried, and their results, kept before anybody is told.

A validation's id is the reference, the webhook-id and the Idempotency-Key of its start, so asking again is harmless. Locks are
taken in this order: request, validation, conversation.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from flowbuilder import clock, queue
from flowbuilder.core import validations
from flowbuilder.core.events import EventKind
from flowbuilder.core.run import Input, InputKind
from flowbuilder.core.validations import Verdict
from flowbuilder.errors import Invalid, NotAllowed, NotFound
from flowbuilder.outside.call import call
from flowbuilder.services import Tx, transaction
from flowbuilder.services.accounts import providers
from flowbuilder.services.conversations import turns
from flowbuilder.services.outgoing.webhooks import may_loop_back
from flowbuilder.store import db, new_id
from flowbuilder.store.conversations import ConversationEvent
from flowbuilder.store.requests import Request
from flowbuilder.store.validations import IS_UNTOLD, Provider, Validation, ValidationNews

_MOST_BYTES = 64 * 1024
_AGAIN = (408, 409, 425, 429)


@dataclass(frozen=True, slots=True)
class Ready:
    """A start as a thread needs it, without the database."""

    url: str
    body: bytes
    id: str
    secret: str
    loopback: bool


def prepare(row: Request) -> Ready:
    """Write down what is asked before it is. Raises NotFound when the provider is gone, Invalid when it does not offer this."""
    provider = providers.find(row.workspace_id, row.content["provider"])
    check = row.content["check"]
    if check not in provider.checks:
        raise Invalid(f"The provider {provider.name} does not offer “{validations.CHECKS[check]}”.")
    asked = db.session.scalar(select(Validation).where(Validation.request_id == row.id)) or _written(row, provider)
    document = {
        "reference": asked.id, "check": check, "expires_at": asked.expires_at.isoformat(), "callback_url": providers.callback_url(provider),
    }  # fmt: skip
    body = json.dumps(document).encode()
    return Ready(f"{provider.base_url}/validations", body, asked.id, providers.secret_of(provider), may_loop_back(row.workspace_id))


def act(ready: Ready) -> dict[str, Any]:
    """``foreign_id`` and ``link``; or ``error``, with ``again`` where a later try may do better."""
    headers = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "FlowBuilder", "Idempotency-Key": ready.id}
    headers |= validations.headers(ready.id, int(clock.now().timestamp()), ready.body, ready.secret)
    answer = call("POST", ready.url, ready.body, headers, loopback=ready.loopback, most=_MOST_BYTES)
    told: dict[str, Any] = {"status_code": answer.status, "milliseconds": answer.milliseconds}
    if not answer.is_good:
        again = answer.status is None or answer.status >= 500 or answer.status in _AGAIN
        return told | {"error": f"The provider could not start it. {providers.refused(answer)}"} | ({"again": True} if again else {})
    try:
        document = json.loads(answer.body)
    except (ValueError, RecursionError):
        return told | {"error": "The provider's answer is not JSON."}
    if words := validations.problem("Started", document):
        return told | {"error": f"The provider's answer does not fit. {words}"}
    return told | {"foreign_id": document["id"], "link": document["link"]}


def settle(session: Tx, row: Request, result: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep what the provider calls it. A result that overtook this answer is the result."""
    asked = session.scalar(select(Validation).where(Validation.request_id == row.id).with_for_update())
    if asked is None:
        return result
    asked.foreign_id, asked.link = result.get("foreign_id", ""), result.get("link", "")
    first = session.scalar(select(ValidationNews).where(ValidationNews.validation_id == asked.id).order_by(ValidationNews.id).limit(1))
    if first is None or first.told_at:
        return result
    first.told_at, first.moved = clock.now(), True
    return {**result, "status": first.status, "reason": first.reason, "error": ""}


def receive(provider_id: str, headers: Mapping[str, str], body: bytes) -> None:
    """A provider's post: known by its signature, and kept. The same post again changes nothing."""
    provider = db.session.get(Provider, provider_id)
    if provider is None:
        raise NotFound("There is no such provider here.")
    if words := validations.refusal(headers, body, providers.secret_of(provider), clock.now().timestamp()):
        raise NotAllowed(words)
    verdict = validations.verdict(body)
    if not isinstance(verdict, Verdict):
        raise Invalid(verdict)
    try:
        _keep(provider.id, headers[validations.ID], verdict)
    except IntegrityError:
        return
    queue.ring(queue.OUTSIDE, "hear_late")


def _keep(provider_id: str, event_id: str, verdict: Verdict) -> None:
    with transaction() as session:
        query = select(Validation).where(Validation.id == verdict.reference, Validation.provider_id == provider_id)
        asked = session.scalar(query.with_for_update().execution_options(populate_existing=True))
        if asked is None:
            raise NotFound("No validation of this provider has this reference.")
        known = select(ValidationNews.id).where(ValidationNews.validation_id == asked.id, ValidationNews.event_id == event_id)
        if session.scalar(known):
            return
        if asked.status == "waiting":
            asked.status, asked.reason = verdict.status, verdict.reason
        session.add(
            ValidationNews(
                validation_id=asked.id, event_id=event_id, status=verdict.status, reason=verdict.reason, at=clock.now(), moved=False
            )
        )


def hear() -> None:
    """Give conversations the results that were kept."""
    for id in db.session.scalars(untold().order_by(ValidationNews.id)).all():
        if _tell(id):
            queue.ring(queue.REPLIES, "converse")


def untold() -> Any:
    """News for conversations that know of their validation; to others it is told with the provider's answer."""
    query = select(ValidationNews.id).join(Validation, Validation.id == ValidationNews.validation_id)
    return query.join(Request, Request.id == Validation.request_id).where(IS_UNTOLD, Request.status == "done")


def _tell(news_id: int) -> bool:
    with transaction() as session:
        news = session.get_one(ValidationNews, news_id)
        asked = session.get_one(Validation, news.validation_id, with_for_update=True)
        session.refresh(news)
        if news.told_at:
            return False
        row = session.get_one(Request, asked.request_id)
        conversation, now = turns.locked(session, row.conversation_id), clock.now()
        result = {"status": news.status, "reason": news.reason}
        has_said = turns.take(session, conversation, Input(InputKind.RESULT, request=row.number, result=result), now)
        news.told_at, news.moved = now, _has_moved(session, conversation.id, conversation.turn)
    return has_said


def _has_moved(session: Tx, conversation_id: str, turn: int) -> bool:
    told = select(ConversationEvent.id).where(ConversationEvent.conversation_id == conversation_id, ConversationEvent.turn == turn)
    return session.scalar(told.where(ConversationEvent.kind == EventKind.TOLD).limit(1)) is not None


def _written(row: Request, provider: Provider) -> Validation:
    asked = Validation(
        id=new_id("val"), workspace_id=row.workspace_id, provider_id=provider.id, request_id=row.id, check=row.content["check"],
        expires_at=datetime.fromisoformat(row.content["expires_at"]), created_at=clock.now(),
    )  # fmt: skip
    with transaction() as session:
        session.add(asked)
    return asked


def of_conversation(conversation_id: str) -> dict[int, tuple[Validation, Provider, list[ValidationNews]]]:
    """By the number of the request: what a provider was asked for, and all that it told."""
    query = select(Request.number, Validation, Provider).join(Validation, Validation.request_id == Request.id)
    rows = db.session.execute(query.join(Provider, Provider.id == Validation.provider_id).where(Request.conversation_id == conversation_id))
    found = {number: (asked, provider, []) for number, asked, provider in rows}
    by_id = {asked.id: news for asked, _, news in found.values()}
    told = select(ValidationNews).where(ValidationNews.validation_id.in_(by_id)).order_by(ValidationNews.id)
    for one in db.session.scalars(told) if by_id else ():
        by_id[one.validation_id].append(one)
    return found
