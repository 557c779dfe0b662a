"""Providers of validations: added, changed, checked, deleted. Their secrets are sealed; nobody sees one again."""

from __future__ import annotations

import base64
import json
import secrets as randomness
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy import select

from flowbuilder import clock
from flowbuilder.config import Config
from flowbuilder.core import validations
from flowbuilder.core.finding import Finding
from flowbuilder.core.happening import SECRET_PREFIX
from flowbuilder.errors import Conflict, Invalid, NotFound
from flowbuilder.outside import addresses
from flowbuilder.outside.call import Answer, call
from flowbuilder.services import transaction
from flowbuilder.services.accounts import audit, secrets
from flowbuilder.services.outgoing.webhooks import may_loop_back
from flowbuilder.store import db, new_id
from flowbuilder.store.validations import Provider

MOST = 20
_MOST_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """An empty ``secret`` leaves the one that is there."""

    name: str
    base_url: str
    secret: str
    checks: Collection[str]


def new_secret() -> str:
    """One that both sides may agree on."""
    return SECRET_PREFIX + base64.b64encode(randomness.token_bytes(32)).decode()


def listing(workspace_id: str) -> Sequence[Provider]:
    query = select(Provider).where(Provider.workspace_id == workspace_id, Provider.deleted_at.is_(None))
    return db.session.scalars(query.order_by(Provider.created_at, Provider.id)).all()


def find(workspace_id: str, provider_id: str) -> Provider:
    row = db.session.get(Provider, provider_id, populate_existing=True)
    if row is None or row.workspace_id != workspace_id or row.deleted_at:
        raise NotFound("This provider does not exist any more.")
    return row


def add(workspace_id: str, details: Details, *, user_id: str | None, is_simulator: bool = False) -> Provider:
    _check(workspace_id, details, needs_secret=True)
    if len(listing(workspace_id)) >= MOST:
        raise Conflict(f"A workspace has at most {MOST} providers. Delete one that no flow uses any more.")
    with transaction() as session:
        row = Provider(id=new_id("prv"), workspace_id=workspace_id, is_simulator=is_simulator, created_at=clock.now())
        _write(row, details)
        session.add(row)
        audit.record(session, workspace_id, user_id, "provider.added", row.id, f"Added the provider {row.name}")
    return row


def change(workspace_id: str, provider_id: str, details: Details, *, user_id: str | None) -> Provider:
    _check(workspace_id, details, needs_secret=False)
    with transaction() as session:
        row = find(workspace_id, provider_id)
        _write(row, details)
        row.facts, row.checked_at = {}, None
        audit.record(session, workspace_id, user_id, "provider.changed", row.id, f"Changed the provider {row.name}")
    return row


def delete(workspace_id: str, provider_id: str, *, user_id: str | None) -> str:
    """It is asked for nothing more; what it was asked for before may still end. The name of what is gone."""
    with transaction() as session:
        row = find(workspace_id, provider_id)
        row.deleted_at = clock.now()
        audit.record(session, workspace_id, user_id, "provider.deleted", row.id, f"Deleted the provider {row.name}")
    return row.name


def check(workspace_id: str, provider_id: str, *, user_id: str | None) -> Provider:
    """Ask who it is and what it offers, and keep the answer, or what went wrong as a sentence."""
    row = find(workspace_id, provider_id)
    url, secret, loopback = row.base_url, secret_of(row), may_loop_back(workspace_id)
    db.session.rollback()
    id = new_id("chk")
    answer = call("GET", url, None, validations.headers(id, int(clock.now().timestamp()), b"", secret), loopback=loopback, most=_MOST_BYTES)
    facts = _facts(answer)
    with transaction() as session:
        row = find(workspace_id, provider_id)
        row.facts, row.checked_at = facts, clock.now()
        said = facts.get("error") or "it works."
        audit.record(session, workspace_id, user_id, "provider.checked", row.id, f"Checked the provider {row.name}: {said}")
    return row


def secret_of(row: Provider) -> str:
    return secrets.unseal(row.secret, row.workspace_id, row.id, "secret")


def callback_url(row: Provider) -> str:
    """Where it posts results to; the simulator lives on the same machine."""
    config: Config = current_app.extensions["flowbuilder"]
    base = f"http://127.0.0.1:{config.port}" if row.is_simulator else config.public_url
    return f"{base}/providers/{row.id}/results"


def refused(answer: Answer) -> str:
    """What an answer that is no success means."""
    if answer.status is None or answer.status not in (401, 403, 404):
        return answer.error
    why = "the secrets of both sides differ" if answer.status != 404 else "the base address is probably another"
    return f"It answered {answer.status}: {why}."


def _facts(answer: Answer) -> dict[str, Any]:
    if not answer.is_good:
        return {"error": refused(answer)}
    try:
        document = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {"error": "It answered, but not with JSON. Check the base address."}
    if words := validations.problem("About", document):
        return {"error": f"It answered, but not as a provider does: {words}"}
    return {"name": document["name"], "checks": [one for one in document["checks"] if one in validations.CHECKS]}


def _write(row: Provider, details: Details) -> None:
    row.name, row.base_url = details.name.strip(), details.base_url.strip().rstrip("/")
    row.checks = [check for check in validations.CHECKS if check in details.checks]
    if details.secret.strip():
        row.secret = secrets.seal(details.secret.strip(), row.workspace_id, row.id, "secret")


def _check(workspace_id: str, details: Details, *, needs_secret: bool) -> None:
    findings = []
    if not details.name.strip():
        findings.append(Finding("empty", "Enter a name by which your designers know it.", field="name"))
    try:
        addresses.check_url(details.base_url.strip(), loopback=may_loop_back(workspace_id))
    except addresses.Refused as error:
        findings.append(Finding("address", str(error), field="base_url"))
    if (details.secret.strip() or needs_secret) and not validations.is_secret(details.secret.strip()):
        text = "A secret is whsec_ and then at least 24 bytes in base64. Copy it whole from the provider, or give them the one made here."
        findings.append(Finding("secret", text, field="secret"))
    if not set(details.checks) & validations.CHECKS.keys():
        findings.append(Finding("missing", "Choose at least one thing that it checks.", field="checks"))
    if findings:
        raise Invalid(findings=findings)
