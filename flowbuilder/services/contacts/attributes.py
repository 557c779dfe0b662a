"""Changes of contacts' attributes: by a person or program, by a file, and by a step in the very transaction of its turn."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import bindparam, delete, insert, update

from flowbuilder.core.attributes import changed, problems
from flowbuilder.errors import Invalid
from flowbuilder.services import transaction
from flowbuilder.services.accounts import audit
from flowbuilder.services.contacts.people import Tx
from flowbuilder.store import attributes
from flowbuilder.store.conversations import Contact, ContactAttribute

_A = ContactAttribute.__table__


def put(session: Tx, workspace_id: str, changes: Mapping[str, Mapping[str, str]]) -> None:
    """Several contacts at once, in the caller's transaction; an empty value takes the attribute away."""
    if not any(changes.values()):
        return
    known = attributes.of_many(session, sorted(changes))
    added, altered, gone = [], [], []
    for contact_id in sorted(changes):
        before = known.get(contact_id, {})
        after = changed(before, changes[contact_id])
        for name in sorted({*before, *after}):
            key = {"of_contact": contact_id, "called": name}
            if name not in after:
                gone.append(key)
            elif name not in before:
                row = {"contact_id": contact_id, "name": name, "workspace_id": workspace_id, "value": after[name]}
                added.append(row)
            elif after[name] != before[name]:
                altered.append({**key, "now": after[name]})
    same = (_A.c.contact_id == bindparam("of_contact"), _A.c.name == bindparam("called"))
    connection = session.connection()
    for statement, rows in (
        (delete(_A).where(*same), gone), (update(_A).where(*same).values(value=bindparam("now")), altered), (insert(_A), added),
    ):  # fmt: skip
        if rows:
            connection.execute(statement, rows)


def forget(session: Tx, contact_id: str) -> None:
    session.execute(delete(ContactAttribute).where(ContactAttribute.contact_id == contact_id))


def change(session: Tx, contact: Contact, changes: Mapping[str, str]) -> None:
    """In the caller's transaction; raises Invalid with a finding for each attribute that cannot be as it is wanted."""
    if findings := [*problems(attributes.of(session, contact.id), changes)]:
        raise Invalid(findings=findings)
    put(session, contact.workspace_id, {contact.id: changes})


def set_by_hand(contact: Contact, changes: Mapping[str, str], *, user_id: str | None) -> None:
    with transaction() as session:
        change(session, contact, changes)
        text = f"Changed attributes of a contact: {', '.join(changes)}"
        audit.record(session, contact.workspace_id, user_id, "contact.attributes", contact.id, text)
