"""Contacts from a file: read for a preview, then taken in slice by slice. Either job may be begun again at any time.

The file is read in a child process, twice: it is the only copy of its rows until they are contacts.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Any, BinaryIO

from sqlalchemy import ColumnElement, or_, select, update

from flowbuilder import clock, queue
from flowbuilder.core.consent import OUT, Consent, ConsentSource
from flowbuilder.core.phone import variants
from flowbuilder.errors import Conflict, NotFound
from flowbuilder.services import transaction
from flowbuilder.services.accounts import audit
from flowbuilder.services.contacts import consent
from flowbuilder.services.contacts.attributes import put as put_attributes
from flowbuilder.services.contacts.people import Tx
from flowbuilder.services.sending import lease
from flowbuilder.services.sending.batches import keep, path_of
from flowbuilder.store import db, new_id
from flowbuilder.store.consent import ContactImport
from flowbuilder.store.conversations import Contact

_WALL_SECONDS = 600
_LEASE_SECONDS = 60.0
_FAULTS_KEPT, _ROWS_SHOWN = 200, 10
_GONE = "The file could not be read within the limits of memory and time: split it, or save the one table as CSV."
_Row = tuple[int, str, str, str, str, str, dict[str, str]]


class _Superseded(Exception):
    """Another process has it."""


def create(workspace_id: str, *, file: BinaryIO, file_name: str, user_id: str | None) -> ContactImport:
    """Keep the uploaded file and have it read. No contact is changed."""
    import_id = new_id("imp")
    keep(file, path_of(import_id))
    with transaction() as session:
        made = ContactImport(
            id=import_id, workspace_id=workspace_id, status="reading", created_by=user_id, created_at=clock.now(),
            file_name=PurePath(file_name.replace("\\", "/")).name[-255:], rows=0, faulty=0, done_rows=0,
            columns={}, others=[], kept=[], faults=[], first=[], counts={},
        )  # fmt: skip
        session.add(made)
        audit.record(session, workspace_id, user_id, "contacts.uploaded", import_id, f"Uploaded {made.file_name}")
    queue.ring(queue.BULK, "import_contacts", import_id)
    return made


def find(workspace_id: str, import_id: str) -> ContactImport:
    found = db.session.get(ContactImport, import_id, populate_existing=True)
    if found is None or found.workspace_id != workspace_id:
        raise NotFound()
    return found


def start(workspace_id: str, import_id: str, *, user_id: str | None) -> None:
    """Take in every row without a fault."""
    made = find(workspace_id, import_id)
    name = made.file_name
    with transaction() as session:
        moving = update(ContactImport).where(ContactImport.id == import_id, ContactImport.status == "draft")
        if session.execute(moving.values(status="running", lease_until=None)).rowcount != 1:
            raise Conflict("This import has been started already.")
        audit.record(session, workspace_id, user_id, "contacts.imported", import_id, f"Imported {name}")
    queue.ring(queue.BULK, "import_contacts", import_id)


def keep_columns(workspace_id: str, import_id: str, headers: Sequence[str]) -> None:
    """Read the file again, with these columns as attributes."""
    made = find(workspace_id, import_id)
    kept = [header for header in (*made.others, *made.kept) if header in headers]
    with transaction() as session:
        again = update(ContactImport).where(ContactImport.id == import_id, ContactImport.status == "draft")
        if session.execute(again.values(status="reading", kept=kept, lease_until=None, rows=0, faulty=0)).rowcount != 1:
            raise Conflict("This import has been started already.")
    queue.ring(queue.BULK, "import_contacts", import_id)


def ring_left() -> None:
    """Those that nobody works on any more."""
    now = clock.now()
    left = select(ContactImport.id).where(ContactImport.status.in_(("reading", "running")), _is_free(now))
    waiting = left.where(ContactImport.created_at < now - timedelta(seconds=5))
    for import_id in db.session.scalars(waiting.limit(20)).all():
        queue.ring(queue.BULK, "import_contacts", import_id)


def run(import_id: str) -> None:
    """Read the file, or take it in, whichever is due; nothing if another process does."""
    now = clock.now()
    with transaction() as session:
        due = (ContactImport.id == import_id) & ContactImport.status.in_(("reading", "running")) & _is_free(now)
        if session.execute(update(ContactImport).where(due).values(_held(now))).rowcount != 1:
            return
    made = db.session.get_one(ContactImport, import_id, populate_existing=True)
    try:
        if made.status == "reading":
            _read(made)
        else:
            _take(made)
    except _Superseded:
        return


def _is_free(now: datetime) -> ColumnElement[bool]:
    return or_(ContactImport.lease_until.is_(None), ContactImport.lease_until < now)


def _held(now: datetime) -> dict[str, Any]:
    return {"lease_owner": lease.owner(), "lease_until": lease.until(now, _LEASE_SECONDS)}


def _save(session: Tx, made: ContactImport, **changes: Any) -> None:
    """If it is still ours."""
    mine = (ContactImport.id == made.id) & (ContactImport.lease_owner == lease.owner()) & (ContactImport.status == made.status)
    if session.execute(update(ContactImport).where(mine).values(**{**_held(clock.now()), **changes})).rowcount != 1:
        raise _Superseded


def _read(made: ContactImport) -> None:
    rows = faulty = 0
    faults: list[Any] = []
    first: list[Any] = []
    for found in _child(made):
        if "unreadable" in found:
            return _end(made, "unreadable", because=found["text"])
        if "done" in found:
            return _end(made, "draft", faulty=faulty)
        rows, faulty = rows + found["rows"], faulty + found["rows"] - len(found["good"])
        faults = (faults + found["faults"])[:_FAULTS_KEPT]
        first = (first + found["good"])[:_ROWS_SHOWN]
        with transaction() as session:
            _save(session, made, rows=rows, faulty=faulty, faults=faults, first=first, columns=found["columns"], others=found["others"])
    return _end(made, "unreadable", because=_GONE)


def _take(made: ContactImport) -> None:
    """Slice by slice, each with how far it came, so that a second run goes on there."""
    counts, passed = dict(made.counts), 0
    for found in _child(made):
        if "done" in found:
            path_of(made.id).unlink(missing_ok=True)
            return _end(made, "finished", first=[], faults=made.faults)
        if "unreadable" in found:
            return _end(made, "unreadable", because=found["text"])
        passed += found["rows"]
        if passed <= made.done_rows:
            continue
        with transaction() as session:
            for name, number in _merge(session, made, [tuple(row) for row in found["good"]]).items():
                counts[name] = counts.get(name, 0) + number
            _save(session, made, done_rows=passed, counts=counts)
    return _end(made, "unreadable", because=_GONE)


def _merge(session: Tx, made: ContactImport, rows: list[_Row]) -> dict[str, int]:
    now = clock.now()
    known = _known(session, made.workspace_id, [row[1] for row in rows])
    counts = {"added": 0, "known": 0, "opted_in": 0, "opted_out": 0, "kept_out": 0}
    named: dict[str, dict[str, str]] = {}
    for _row, phone, name, wanted, source, moment, attributes in rows:
        contact = next((known[form] for form in variants(phone[1:]) if form in known), None)
        counts["known" if contact else "added"] += 1
        contact = contact or consent.of_phone(session, made.workspace_id, phone, now)
        contact.name = name or contact.name
        named.setdefault(contact.id, {}).update(attributes)
        if wanted != Consent.UNKNOWN:
            counts[_record(session, made, contact, Consent(wanted), source, moment)] += 1
    put_attributes(session, made.workspace_id, named)
    return counts


def _record(session: Tx, made: ContactImport, contact: Contact, wanted: Consent, source: str, moment: str) -> str:
    """An opt-in from a file moves nobody who opted out, unless it is dated and later."""
    at = datetime.fromisoformat(moment) if moment else clock.now()
    if wanted is Consent.OPTED_IN and contact.consent in OUT and (not moment or (contact.consent_at and at <= contact.consent_at)):
        return "kept_out"
    text = source or f"From the file {made.file_name}"
    consent.record(session, contact, wanted, ConsentSource.IMPORT, at, text=text, user_id=made.created_by)
    return "opted_in" if wanted is Consent.OPTED_IN else "opted_out"


def _known(session: Tx, workspace_id: str, phones: list[str]) -> dict[str, Contact]:
    """Contacts by every form of their number, asked for once per slice."""
    forms = sorted({form for phone in phones for form in variants(phone[1:])})
    same = or_(Contact.wa_id.in_(forms), Contact.phone.in_([f"+{form}" for form in forms]))
    found = session.scalars(select(Contact).where(Contact.workspace_id == workspace_id, same).order_by(Contact.created_at.desc())).all()
    return {number: contact for contact in found for number in (contact.wa_id, (contact.phone or "").removeprefix("+")) if number}


def _child(made: ContactImport) -> Iterator[dict[str, Any]]:
    given = [str(path_of(made.id)), made.file_name, clock.now().isoformat(), json.dumps(made.kept)]
    command = [sys.executable, "-m", "flowbuilder.core.recipients.contacts", *given]
    db.session.rollback()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8") as child:
        alarm = threading.Timer(_WALL_SECONDS, child.kill)
        alarm.start()
        try:
            for text in child.stdout or ():
                yield json.loads(text)
        except ValueError:
            return
        finally:
            alarm.cancel()
            child.kill()


def _end(made: ContactImport, status: str, *, because: str = "", **changes: Any) -> None:
    ended = {"ended_at": clock.now()} if status != "draft" else {}
    with transaction() as session:
        _save(session, made, status=status, because=because[:255], lease_owner=None, lease_until=None, **ended, **changes)
    db.session.expire_all()


def recent(workspace_id: str, limit: int = 10) -> list[ContactImport]:
    wanted = select(ContactImport).where(ContactImport.workspace_id == workspace_id)
    return list(db.session.scalars(wanted.order_by(ContactImport.created_at.desc()).limit(limit)))
