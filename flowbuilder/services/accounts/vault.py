"""The secrets of a workspace that flows use by name, such as keys of other programs. Sealed; nobody sees one again."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import delete as sql_delete
from sqlalchemy import func, select

from flowbuilder import clock
from flowbuilder.core.finding import Finding
from flowbuilder.errors import Conflict, Invalid, NotFound
from flowbuilder.services import transaction
from flowbuilder.services.accounts import audit, secrets
from flowbuilder.store import db, new_id
from flowbuilder.store.accounts import WorkspaceSecret

MOST, LONGEST = 100, 4096
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def listing(workspace_id: str) -> Sequence[WorkspaceSecret]:
    query = select(WorkspaceSecret).where(WorkspaceSecret.workspace_id == workspace_id)
    return db.session.scalars(query.order_by(WorkspaceSecret.name)).all()


def names(workspace_id: str) -> list[str]:
    return [row.name for row in listing(workspace_id)]


def known(workspace_id: str, names: set[str]) -> frozenset[str]:
    """Those of ``names`` that there are."""
    if not names:
        return frozenset()
    query = select(WorkspaceSecret.name).where(WorkspaceSecret.workspace_id == workspace_id, WorkspaceSecret.name.in_(names))
    return frozenset(db.session.scalars(query))


def put(workspace_id: str, name: str, value: str, *, user_id: str | None) -> WorkspaceSecret:
    """Add a secret, or give the one of this name a new value."""
    name, value = name.strip(), value.strip()
    _check(name, value)
    with transaction() as session:
        query = select(WorkspaceSecret).where(WorkspaceSecret.workspace_id == workspace_id, WorkspaceSecret.name == name)
        row = session.scalar(query.with_for_update())
        is_new = row is None
        if row is None:
            count = session.scalar(select(func.count()).where(WorkspaceSecret.workspace_id == workspace_id)) or 0
            if count >= MOST:
                raise Conflict(f"A workspace keeps at most {MOST} secrets. Delete one that no flow uses any more.")
            row = WorkspaceSecret(id=new_id("key"), workspace_id=workspace_id, name=name)
            session.add(row)
        row.value = secrets.seal(value, workspace_id, row.id, "value")
        row.changed_by, row.changed_at = user_id, clock.now()
        audit.record(session, workspace_id, user_id, "secret.kept", row.id, f"{'Added' if is_new else 'Replaced'} the secret “{name}”")
    return row


def delete(workspace_id: str, secret_id: str, *, user_id: str | None) -> str:
    """The name of what is gone."""
    with transaction() as session:
        query = select(WorkspaceSecret).where(WorkspaceSecret.workspace_id == workspace_id, WorkspaceSecret.id == secret_id)
        row = session.scalar(query)
        if row is None:
            raise NotFound("This secret is gone already.")
        name = row.name
        session.execute(sql_delete(WorkspaceSecret).where(WorkspaceSecret.id == secret_id))
        audit.record(session, workspace_id, user_id, "secret.deleted", secret_id, f"Deleted the secret “{name}”")
    return name


def open_(workspace_id: str, name: str) -> str:
    """The value; for a call that is about to leave."""
    query = select(WorkspaceSecret).where(WorkspaceSecret.workspace_id == workspace_id, WorkspaceSecret.name == name)
    row = db.session.scalar(query)
    if row is None:
        raise Invalid(f"The secret “{name[:40]}” does not exist any more. An administrator can add it under Secrets.")
    return secrets.unseal(row.value, workspace_id, row.id, "value")


def shown(row: WorkspaceSecret) -> str:
    return secrets.masked(secrets.unseal(row.value, row.workspace_id, row.id, "value"))


def _check(name: str, value: str) -> None:
    findings = []
    if not _NAME.fullmatch(name):
        text = "Use small letters, digits and _, beginning with a letter, at most 40 characters, such as crm_token."
        findings.append(Finding("name", text, field="name"))
    if not value:
        findings.append(Finding("empty", "Enter the secret.", field="value"))
    elif len(value) > LONGEST:
        findings.append(Finding("too_long", f"A secret has at most {LONGEST:,} characters.", field="value"))
    elif not value.isascii() or not value.isprintable():
        text = "Only plain letters, digits and signs of ASCII can be sent in a header. Check what was copied."
        findings.append(Finding("not_ascii", text, field="value"))
    if findings:
        raise Invalid(findings=findings)
