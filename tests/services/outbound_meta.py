"""A stand-in for Meta's client, and what the tests of outbound messages have in common."""

from __future__ import annotations

from typing import Any

from flowbuilder.core.template import TemplateContent, Variable
from flowbuilder.services import outbound
from flowbuilder.store import db
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.whatsapp.webhooks import TemplateStatus

READY = TemplateContent(
    name="Order ready", body="Hello {{first_name}}, your order is ready at our shop.", variables=(Variable("first_name", "Ann"),)
)


class Meta:
    """Stands where the client stands; keeps what it was given and answers or fails as told."""

    def __init__(self, answer: Any = None, known: dict[str, Any] | None = None) -> None:
        self.answer = answer or {"id": "900", "status": "PENDING", "category": "UTILITY"}
        self.known = known
        self.created: list[dict[str, Any]] = []
        self.asked = 0
        self.deleted: list[str] = []
        self.unpause = ""

    def create_template(self, body: dict[str, Any]) -> dict[str, Any]:
        self.created.append(body)
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer

    def find_template(self, name: str, language: str) -> dict[str, Any] | None:
        self.asked += 1
        return self.known

    def get_template(self, template_id: str) -> dict[str, Any]:
        self.asked += 1
        if isinstance(self.known, BaseException):
            raise self.known
        return self.known or {"status": "PENDING"}

    def unpause_template(self, template_id: str) -> str:
        return self.unpause

    def delete_template(self, name: str, template_id: str) -> None:
        if isinstance(self.answer, BaseException):
            raise self.answer
        self.deleted.append(template_id)


def again(row: TemplateMessage) -> TemplateMessage:
    db.session.rollback()
    return db.session.get_one(TemplateMessage, row.id, populate_existing=True)


def told(row: TemplateMessage, event: str, **more: str) -> TemplateStatus:
    known = {"waba_id": "2000000000000001", "meta_id": row.meta_id or "900", "name": row.wire_name, "language": row.language}
    rest = {"reason": "", "category": "", "explanation": "", "recommendation": "", "note": ""}
    return TemplateStatus(**{**known, **rest, "event": event, **more})


def sayings(row: TemplateMessage) -> list[str]:
    return [event.text for event in outbound.history(row.id)]
