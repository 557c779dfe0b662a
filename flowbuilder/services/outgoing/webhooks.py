"""The addresses that are told: added, changed, given a new secret, deleted."""

from __future__ import annotations

import base64
import secrets as randomness
from collections.abc import Collection, Sequence
from datetime import timedelta

from flask import current_app
from sqlalchemy import delete as sql_delete
from sqlalchemy import func, select

from flowbuilder import clock
from flowbuilder.core.finding import Finding
from flowbuilder.core.happening import SECRET_PREFIX, Happening
from flowbuilder.errors import Conflict, Invalid, NotFound
from flowbuilder.outside import addresses
from flowbuilder.services import Tx, transaction
from flowbuilder.services.accounts import audit, secrets
from flowbuilder.store import db, new_id
from flowbuilder.store.accounts import Line
from flowbuilder.store.outgoing import OutgoingDelivery, OutgoingWebhook

MOST = 20
_FORMER_FOR = timedelta(hours=24)


def of_workspace(workspace_id: str) -> Sequence[OutgoingWebhook]:
    query = select(OutgoingWebhook).where(OutgoingWebhook.workspace_id == workspace_id)
    return db.session.scalars(query.order_by(OutgoingWebhook.created_at, OutgoingWebhook.id)).all()


def find(workspace_id: str, webhook_id: str) -> OutgoingWebhook:
    row = db.session.get(OutgoingWebhook, webhook_id, populate_existing=True)
    if row is None or row.workspace_id != workspace_id:
        raise NotFound()
    return row


def create(workspace_id: str, url: str, events: Collection[str], *, user_id: str | None, webhook_id: str = "") -> OutgoingWebhook:
    """Tell this address of these events from now on."""
    kinds = _checked(workspace_id, url, events)
    row = OutgoingWebhook(
        id=webhook_id or new_id("hok"), workspace_id=workspace_id, url=url, events=kinds, created_by=user_id, created_at=clock.now()
    )
    row.secret = _sealed(row)
    with transaction() as session:
        count = session.scalar(select(func.count()).select_from(OutgoingWebhook).where(OutgoingWebhook.workspace_id == workspace_id))
        if (count or 0) >= MOST:
            raise Conflict(f"A workspace has at most {MOST} outgoing webhooks. Delete one that is not needed any more.")
        session.add(row)
        audit.record(session, workspace_id, user_id, "webhook.added", row.id, f"Added the outgoing webhook {url}.")
    return row


def change(
    workspace_id: str, webhook_id: str, *, url: str | None = None, events: Collection[str] | None = None, enabled: bool | None = None,
    user_id: str | None,
) -> OutgoingWebhook:  # fmt: skip
    """What is None stays. Enabling takes up what waits, unless it is a day old."""
    row = find(workspace_id, webhook_id)
    kinds = _checked(workspace_id, row.url if url is None else url, row.events if events is None else events)
    with transaction() as session:
        row = held(session, workspace_id, webhook_id)
        row.url, row.events = url or row.url, kinds
        if enabled is not None and enabled == (row.disabled_at is not None):
            row.disabled_at, row.disabled_because = (None, "") if enabled else (clock.now(), "A person switched it off.")
            row.failing_since = row.not_before = None
        audit.record(session, workspace_id, user_id, "webhook.changed", row.id, f"Changed the outgoing webhook {row.url}.")
    return row


def rotate(workspace_id: str, webhook_id: str, *, user_id: str | None) -> OutgoingWebhook:
    """A new secret. For a day posts carry signatures of both, so that receivers can change over."""
    with transaction() as session:
        row = held(session, workspace_id, webhook_id)
        row.former_secret, row.former_until = row.secret, clock.now() + _FORMER_FOR
        row.secret = _sealed(row)
        audit.record(session, workspace_id, user_id, "webhook.rotated", row.id, f"Gave the outgoing webhook {row.url} a new secret.")
    return row


def delete(workspace_id: str, webhook_id: str, *, user_id: str | None) -> None:
    with transaction() as session:
        row = held(session, workspace_id, webhook_id)
        url = row.url
        session.execute(sql_delete(OutgoingDelivery).where(OutgoingDelivery.webhook_id == webhook_id))
        session.execute(sql_delete(OutgoingWebhook).where(OutgoingWebhook.id == webhook_id))
        audit.record(session, workspace_id, user_id, "webhook.deleted", webhook_id, f"Deleted the outgoing webhook {url}.")


def secret_of(row: OutgoingWebhook) -> str:
    return secrets.unseal(row.secret, row.workspace_id, row.id, "secret")


def valid_secrets(row: OutgoingWebhook) -> list[str]:
    """What posts are signed with now."""
    former = row.former_secret if row.former_until and row.former_until > clock.now() else None
    return [secret_of(row), *([secrets.unseal(former, row.workspace_id, row.id, "secret")] if former else [])]


def may_loop_back(workspace_id: str) -> bool:
    """Whether addresses of this machine may be told: while all lines are the simulator's, or by OUTGOING_LOOPBACK."""
    if current_app.extensions["flowbuilder"].outgoing_loopback:
        return True
    simulated = db.session.scalars(select(Line.is_simulator).where(Line.workspace_id == workspace_id)).all()
    return bool(simulated) and all(simulated)


def _checked(workspace_id: str, url: str, events: Collection[str]) -> list[str]:
    findings = []
    try:
        addresses.check_url(url, loopback=may_loop_back(workspace_id))
    except addresses.Refused as error:
        findings.append(Finding("address", str(error), field="url"))
    kinds = [kind.value for kind in Happening if kind in events]
    if not kinds:
        findings.append(Finding("missing", "Choose at least one event.", field="events"))
    if findings:
        raise Invalid(findings=findings)
    return kinds


def held(session: Tx, workspace_id: str, webhook_id: str) -> OutgoingWebhook:
    """The row, for whoever changes it in this transaction."""
    row = session.get(OutgoingWebhook, webhook_id, with_for_update=True, populate_existing=True)
    if row is None or row.workspace_id != workspace_id:
        raise NotFound()
    return row


def _sealed(row: OutgoingWebhook) -> bytes:
    secret = SECRET_PREFIX + base64.b64encode(randomness.token_bytes(32)).decode()
    return secrets.seal(secret, row.workspace_id, row.id, "secret")
