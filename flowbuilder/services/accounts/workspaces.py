"""The workspace itself: its name, its test phones, and its audit log."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import delete, func, select, update

from flowbuilder.core import doubt
from flowbuilder.core.doubt import Policy
from flowbuilder.core.finding import Finding
from flowbuilder.errors import Invalid
from flowbuilder.services import transaction
from flowbuilder.services.accounts import audit
from flowbuilder.store import db
from flowbuilder.store.accounts import AuditEvent, TestPhone, User, Workspace


def rename(workspace_id: str, name: str, *, user_id: str) -> None:
    with transaction() as session:
        session.execute(update(Workspace).where(Workspace.id == workspace_id).values(name=name))
        audit.record(session, workspace_id, user_id, "workspace.renamed", workspace_id, f"The workspace is now called {name}.")


def doubts(workspace_id: str) -> Mapping[str, Policy]:
    """Its rules for messages of which nobody knows whether they went out."""
    return doubt.policies(db.session.scalar(select(Workspace.doubts).where(Workspace.id == workspace_id)) or {})


def set_doubts(workspace_id: str, rules: Mapping[str, Policy], *, user_id: str) -> None:
    with transaction() as session:
        session.execute(update(Workspace).where(Workspace.id == workspace_id).values(doubts=doubt.to_json(rules)))
        told = ", ".join(f"{category.lower()} {rule.minutes} min then {rule.then}" for category, rule in rules.items())
        audit.record(session, workspace_id, user_id, "workspace.doubts", workspace_id, f"Rules for lost answers: {told}.")


def test_phones(workspace_id: str) -> list[TestPhone]:
    query = select(TestPhone).where(TestPhone.workspace_id == workspace_id)
    return list(db.session.scalars(query.order_by(func.lower(TestPhone.name), TestPhone.phone)))


def add_test_phone(workspace_id: str, phone: str, name: str, *, user_id: str) -> None:
    """``phone`` in E.164, such as +15550100001; drafts may then be tried on it over a real line."""
    with transaction() as session:
        if session.scalar(select(TestPhone.id).where(TestPhone.workspace_id == workspace_id, TestPhone.phone == phone)):
            raise Invalid(findings=[Finding("duplicate", "This number is on the list already.", field="phone")])
        session.add(TestPhone(workspace_id=workspace_id, phone=phone, name=name))
        audit.record(
            session, workspace_id, user_id, "test_phone.added", "", f"Added the test phone {_hidden(phone)} ({name or 'no name'})."
        )


def remove_test_phone(workspace_id: str, phone_id: int, *, user_id: str) -> None:
    with transaction() as session:
        row = session.scalar(select(TestPhone).where(TestPhone.id == phone_id, TestPhone.workspace_id == workspace_id))
        if row is None:
            return
        session.execute(delete(TestPhone).where(TestPhone.id == row.id))
        audit.record(session, workspace_id, user_id, "test_phone.removed", "", f"Removed the test phone {_hidden(row.phone)}.")


def log(workspace_id: str, *, page: int = 1, size: int = 50) -> tuple[list[tuple[AuditEvent, User | None]], int]:
    """One page of the audit log, the latest first, and how many pages there are."""
    count = db.session.scalar(select(func.count()).select_from(AuditEvent).where(AuditEvent.workspace_id == workspace_id)) or 0
    last = max(1, -(-count // size))
    query = select(AuditEvent, User).outerjoin(User, User.id == AuditEvent.user_id).where(AuditEvent.workspace_id == workspace_id)
    rows = db.session.execute(query.order_by(AuditEvent.id.desc()).limit(size).offset((min(page, last) - 1) * size))
    return [(event, user) for event, user in rows], last


def _hidden(phone: str) -> str:
    return f"{phone[:4]}…{phone[-4:]}"
