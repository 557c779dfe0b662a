"""What the flow that a message starts fills in by itself: found once for a sending, and for many people at once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from json.encoder import encode_basestring

from sqlalchemy import or_, select

from flowbuilder.core.filling import Filling
from flowbuilder.core.flow import Flow
from flowbuilder.core.nodes import kind_of, starts
from flowbuilder.core.phone import variants
from flowbuilder.core.template import TemplateContent, variables_used
from flowbuilder.core.variables import CONTACT_COUNTRY, CONTACT_PHONE, attribute_of, is_attribute, of_contact
from flowbuilder.store import attributes, db, flows
from flowbuilder.store.conversations import Contact

_C = Contact.__table__.c
_AT_ONCE = 2000


def of_flow(workspace_id: str, flow_id: str | None, content: TemplateContent, *, is_trial: bool) -> Filling:
    """What the draft that is tried, or the published version, fills in of this message."""
    draft = flows.draft(workspace_id, flow_id) if flow_id else None
    if draft is None or not content.starts_flow:
        return Filling()
    version = None if is_trial else flows.version(draft.id, draft.published)
    document = draft.document if is_trial else version.document if version else None
    start = next((node for node in starts(Flow.from_json(document)) if kind_of(node).is_sent), None) if document else None
    return Filling.of(start.data if start else {}).only(tuple(variables_used(content)))


def known_of(workspace_id: str, phones: Iterable[str], filling: Filling) -> dict[str, dict[str, str]]:
    """By number (E.164), what is known of those that are contacts: a few queries for however many."""
    if not filling.of_contact:
        return {}
    forms = {form: phone for phone in phones for form in variants(phone[1:])}
    found: dict[str, tuple[str, str]] = {}
    numbers = sorted(forms)
    for start in range(0, len(numbers), _AT_ONCE):
        some = numbers[start : start + _AT_ONCE]
        same = or_(_C.wa_id.in_(some), _C.phone.in_([f"+{form}" for form in some]))
        query = select(_C.id, _C.name, _C.wa_id, _C.phone).where(_C.workspace_id == workspace_id, same).order_by(_C.created_at.desc())
        for contact_id, name, *ours in db.session.execute(query):
            for phone in {forms[form] for number in ours if (form := (number or "").removeprefix("+")) in forms}:
                found[phone] = (contact_id, name)
    wanted = [attribute_of(name) for name in filling.reads if is_attribute(name)]
    named = attributes.of_many(db.session, [id for id, _name in found.values()], wanted) if wanted else {}
    asks_number = not {CONTACT_PHONE, CONTACT_COUNTRY}.isdisjoint(filling.reads)  # finding its country takes longest
    return {phone: of_contact(name, phone if asks_number else "", named.get(id, {})) for phone, (id, name) in found.items()}


def fill_rows(workspace_id: str, filling: Filling, rows: Sequence[list[str]]) -> None:
    """Rows of number, phone and content as text: what they leave empty of the contact's words is filled in.

    In that text an empty value can only be one: a quotation mark inside a value has a backslash before it.
    """
    marks = {name: f"{json.dumps(name, ensure_ascii=False)}:" for name in filling.of_contact}
    asking = [row for row in rows if any(f'{mark}""' in row[2] for mark in marks.values())] if marks else []
    if not asking:
        return
    known = known_of(workspace_id, (row[1] for row in asking), filling)
    nobody = {name: encode_basestring(filling.value(name, {})) for name in marks}
    for row in asking:
        person = known.get(row[1])
        for name, mark in marks.items():
            value = nobody[name] if person is None else encode_basestring(filling.value(name, person))
            row[2] = row[2].replace(f'{mark}""', f"{mark}{value}", 1)
