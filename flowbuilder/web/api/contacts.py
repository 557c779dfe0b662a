"""Contacts and their consent: added, looked up, changed with a proof, erased."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from flask import g

from flowbuilder.core import phone
from flowbuilder.core.consent import Consent, ConsentSource
from flowbuilder.core.finding import Finding
from flowbuilder.core.phone import PhoneFault
from flowbuilder.core.scope import Scope
from flowbuilder.errors import Invalid, NotFound
from flowbuilder.services.contacts import consent, erasure, pages, people
from flowbuilder.services.contacts.pages import Filters
from flowbuilder.store import attributes, db
from flowbuilder.store.conversations import Contact
from flowbuilder.web.api import bp, paging
from flowbuilder.web.api.operation import operation
from flowbuilder.web.api.paging import moment
from flowbuilder.web.api.repeats import Making


def _of_phone(e164: str) -> dict[str, Any]:
    row = people.match(db.session, g.workspace_id, None, e164.removeprefix("+"))
    if row is None:
        raise NotFound()
    return _shown(row)


def _of_id(contact_id: str) -> dict[str, Any]:
    return _shown(consent.find(g.workspace_id, contact_id))


def _phone(values: dict[str, Any]) -> str:
    found = phone.read(values["body"].get("country", ""), values["body"]["phone"])
    if isinstance(found, PhoneFault):
        raise Invalid(findings=[Finding(found.value, found.text, field="country" if found.value.startswith("country_") else "phone")])
    return found.e164


@bp.get("/contacts")
@operation(Scope.CONTACTS_READ, query="ContactQuery", gives="ContactPage")
def contacts(query: dict[str, Any]) -> dict[str, Any]:
    """List contacts, the newest first."""
    limit, filters = paging.limit_of(query), Filters(search=query.get("search", ""), consent=query.get("consent", ""))
    rows = pages.listing(g.workspace_id, filters, before=paging.after_moment(query), limit=limit + 1)
    known = attributes.of_many(db.session, [row.id for row in rows])
    return paging.page(rows, limit, partial(_with, known), paging.place)


@bp.post("/contacts")
@operation(Scope.CONTACTS_WRITE, takes="ContactNew", gives="Contact", status=201, making=Making(_of_phone, of=_phone))
def contact_add(body: dict[str, Any]) -> None:
    """Add a contact, or name the one that has this number."""
    consent.add(g.workspace_id, _phone({"body": body}), body.get("name", ""), attributes=body.get("attributes"), user_id=g.user_id)


@bp.get("/contacts/<contact_id>")
@operation(Scope.CONTACTS_READ, gives="Contact")
def contact(contact_id: str) -> dict[str, Any]:
    """Read a contact."""
    return _of_id(contact_id)


@bp.delete("/contacts/<contact_id>")
@operation(Scope.CONTACTS_WRITE, status=204)
def contact_erase(contact_id: str) -> None:
    """Erase a person: everything that was said, and who they are. Opting out is remembered."""
    erasure.erase(g.workspace_id, contact_id, user_id=g.user_id)


@bp.get("/contacts/<contact_id>/consent")
@operation(Scope.CONTACTS_READ, gives="ConsentHistory")
def contact_consent(contact_id: str) -> dict[str, Any]:
    """List every change of a person's consent, the latest first."""
    events = pages.history(consent.find(g.workspace_id, contact_id))
    return {"items": [{"at": moment(e.at), "consent": e.consent, "source": e.source, "reason": e.text} for e, _ in events]}


@bp.post("/contacts/<contact_id>/consent")
@operation(Scope.CONTACTS_WRITE, takes="ConsentChange", gives="Contact", making=Making(_of_id, path="contact_id"))
def contact_consent_change(contact_id: str, body: dict[str, Any]) -> None:
    """Note what a person told you, with its proof."""
    consent.set_by_hand(
        g.workspace_id, contact_id, Consent(body["consent"]), reason=body["reason"], user_id=g.user_id, source=ConsentSource.API
    )


def _shown(row: Contact) -> dict[str, Any]:
    return _with(attributes.of_many(db.session, [row.id]), row)


def _with(known: Mapping[str, dict[str, str]], row: Contact) -> dict[str, Any]:
    return {
        "id": row.id, "phone": row.phone or (f"+{row.wa_id}" if row.wa_id else None), "name": row.name,
        "attributes": known.get(row.id, {}), "consent": row.consent,
        "consent_at": moment(row.consent_at), "last_heard_at": moment(row.last_heard_at), "created_at": moment(row.created_at),
    }  # fmt: skip
