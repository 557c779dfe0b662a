"""The list with its filters, one person with consent and messages, the export, and erasing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from flask import Response, flash, g, request, url_for

from flowbuilder.core import export
from flowbuilder.core import phone as phones
from flowbuilder.core.attributes import LONGEST, header_of
from flowbuilder.core.consent import Consent, ConsentSource
from flowbuilder.errors import Invalid
from flowbuilder.services.contacts import consent, erasure, pages
from flowbuilder.services.contacts.pages import Filters, Heard
from flowbuilder.services.conversations import authorizations
from flowbuilder.services.conversations.pages import standings
from flowbuilder.store import attributes, db
from flowbuilder.store.accounts import Role
from flowbuilder.store.conversations import Contact
from flowbuilder.web.chat import files_among
from flowbuilder.web.contacts.blueprint import bp
from flowbuilder.web.files import csv
from flowbuilder.web.forms import Form
from flowbuilder.web.policy import allow
from flowbuilder.web.render import go, is_htmx, render

CONSENTS = {
    Consent.UNKNOWN: "Unknown",
    Consent.OPTED_IN: "Opted in",
    Consent.OPTED_OUT: "Opted out of promotions",
    Consent.STOPPED: "Wants no messages",
}
SOURCES = {
    ConsentSource.WORD: "Wrote it to us",
    ConsentSource.BUTTON: "Tapped a button",
    ConsentSource.WHATSAPP: "Chose it in WhatsApp",
    ConsentSource.REFUSAL: "Meta told us when we sent",
    ConsentSource.HAND: "Noted by hand",
    ConsentSource.SINGLE: "Confirmed when sending",
    ConsentSource.BATCH: "Confirmed when starting a batch",
    ConsentSource.IMPORT: "Imported",
    ConsentSource.API: "Told by a program",
    ConsentSource.ERASED: "Had opted out before being erased",
}
HEARD = [
    (Heard.DAY, "In the last 24 hours"),
    (Heard.MONTH, "In the last 30 days"),
    (Heard.LONGER, "Longer ago"),
    (Heard.NEVER, "Never"),
]
COLUMNS = ("Country code", "Phone number", "Name", "Consent", "Source", "Date", "Last heard", "User ID")
_ROWS = 50


@bp.get("/contacts")
@allow(Role.VIEWER)
def index() -> str:
    filters, before = _filters(), _place(request.args.get("before", ""))
    rows = pages.listing(g.workspace_id, filters, before=before, limit=_ROWS + 1)
    last = rows[_ROWS - 1] if len(rows) > _ROWS else None
    chosen = {name: value for name in ("search", "consent", "heard") if (value := getattr(filters, name))}
    context = {
        "rows": rows[:_ROWS], "filters": filters, "consents": CONSENTS, "heards": HEARD, "is_first": before is None,
        "following": f"{last.created_at.isoformat()}~{last.id}" if last else "", "this": url_for("contacts.index", **chosen),
        "in_batches": pages.batches_to(g.workspace_id, filters.search) if before is None else (),
        "chosen": chosen, "needs_opt_in": consent.needs_proof(g.workspace_id),
    }  # fmt: skip
    return render("contacts/index.html", "narrowed" if is_htmx() else None, **context)


@bp.get("/contacts/new")
@allow(Role.TESTER)
def new() -> str:
    return render("contacts/new.html", form=Form())


@bp.post("/contacts/new")
@allow(Role.TESTER)
def add() -> tuple[str, int] | Response:
    form = Form(request.form)
    name = form.text("name", "the name", required=False, longest=200)
    number = phones.read(form.text("country", "the country code", required=False, longest=60), form.text("phone", "the phone number"))
    if isinstance(number, phones.PhoneFault) and not form.error("phone"):
        form.refuse("country" if number.value.startswith("country_") else "phone", number.value, number.text)
    if form.findings:
        return render("contacts/new.html", form=form), 422
    contact = consent.add(g.workspace_id, number.e164, name, user_id=g.user_id)
    return go(url_for("contacts.show", contact_id=contact.id))


@bp.get("/contacts/<contact_id>")
@allow(Role.VIEWER)
def show(contact_id: str) -> str:
    return page(consent.find(g.workspace_id, contact_id), Form())


@bp.post("/contacts/<contact_id>/consent")
@allow(Role.TESTER)
def set_consent(contact_id: str) -> tuple[str, int] | Response:
    form, contact = Form(request.form), consent.find(g.workspace_id, contact_id)
    wanted = form.choice("consent", "what this person wants", [each.value for each in Consent])
    try:
        form.check()
        reason = str(form.value("reason"))[:500]
        consent.set_by_hand(g.workspace_id, contact_id, Consent(wanted), reason=reason, user_id=g.user_id)
    except Invalid as error:
        form.take(error)
        return page(contact, form), 422
    flash(f"Noted: {CONSENTS[Consent(wanted)].lower()}.", "success")
    return go(url_for("contacts.show", contact_id=contact_id))


@bp.get("/contacts/export.csv", endpoint="export")
@allow(Role.DESIGNER)
def export_file() -> Response:
    return csv(_lines(g.workspace_id, _filters()), "contacts")


@bp.post("/contacts/rule")
@allow(Role.ADMIN)
def set_rule() -> Response:
    is_strict = "needs_opt_in" in request.form
    consent.set_rule(g.workspace_id, needs_opt_in=is_strict, user_id=g.user_id)
    flash("Promotions go only to people whose opt-in is on record." if is_strict else "A tick before sending is enough again.", "success")
    return go(url_for("contacts.index"))


@bp.get("/contacts/<contact_id>/erase")
@allow(Role.ADMIN)
def ask_erase(contact_id: str) -> str:
    return render("contacts/erase.html", contact=consent.find(g.workspace_id, contact_id), form=Form())


@bp.post("/contacts/<contact_id>/erase")
@allow(Role.ADMIN)
def erase(contact_id: str) -> str | tuple[str, int]:
    form, contact = Form(request.form), consent.find(g.workspace_id, contact_id)
    if not form.value("sure"):
        form.refuse("sure", "missing", "Tick this: it can't be undone.")
        return render("contacts/erase.html", contact=contact, form=form), 422
    report = erasure.erase(g.workspace_id, contact_id, user_id=g.user_id)
    return render("contacts/erase.html", report=report, found=erasure.words(report))


def _lines(workspace_id: str, filters: Filters) -> Iterator[str]:
    names = attributes.names(workspace_id)
    yield export.lines([[*COLUMNS, *map(header_of, names)]])
    for rows in pages.every(workspace_id, filters):
        known = attributes.of_many(db.session, [contact.id for contact in rows]) if names else {}
        yield export.lines([*_cells(contact), *(known.get(contact.id, {}).get(name, "") for name in names)] for contact in rows)


def _cells(contact: Contact) -> list[object]:
    """As the import reads them again; the source of a consent stays with its history."""
    country, number = phones.split(contact.phone) if contact.phone else ("", "")
    since, heard = contact.consent_at, contact.last_heard_at
    return [country, number, contact.name, contact.consent, "", since and since.isoformat(), heard and heard.isoformat(), contact.user_id]


def page(contact: Contact, form: Form) -> str:
    before = request.args.get("before", 0, type=int)
    talks, said = pages.conversations(contact), pages.messages(contact, before=before, limit=_ROWS + 1)
    context: dict[str, Any] = {
        "contact": contact, "form": form, "attributes": attributes.of(db.session, contact.id), "known": attributes.names(g.workspace_id),
        "longest": LONGEST, "consents": CONSENTS, "sources": SOURCES, "history": pages.history(contact),
        "authorizations": authorizations.of_contact(contact.id),
        "messages": said[:_ROWS], "earlier": said[_ROWS - 1].id if len(said) > _ROWS else 0, "conversations": talks,
        "standing": standings(talks), "named": pages.names(said), "sent_files": files_among(said),
    }  # fmt: skip
    return render("contacts/show.html", **context)


def _filters() -> Filters:
    consents, heard = request.args.get("consent", ""), request.args.get("heard", "")
    return Filters(
        search=request.args.get("search", "").strip()[:80],
        consent=consents if consents in set(Consent) else "",
        heard=heard if heard in set(Heard) else "",
    )


def _place(text: str) -> tuple[datetime, str] | None:
    moment, _, row_id = text.partition("~")
    try:
        return (datetime.fromisoformat(moment), row_id) if row_id else None
    except ValueError:
        return None
