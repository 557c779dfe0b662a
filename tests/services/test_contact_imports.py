"""Contacts from a file: previewed, taken in once however often the job runs, and never against an opt-out."""

from __future__ import annotations

import io

import pytest

from flowbuilder import clock
from flowbuilder.core.consent import Consent, ConsentSource
from flowbuilder.errors import Conflict
from flowbuilder.services import transaction
from flowbuilder.services.contacts import consent, erasure, importing
from flowbuilder.services.sending.batches import path_of
from flowbuilder.store import db
from flowbuilder.store.accounts import Workspace
from flowbuilder.store.consent import ConsentEvent, ContactImport, OptOut
from flowbuilder.store.conversations import Contact

pytestmark = pytest.mark.database


def _uploaded(workspace: Workspace, text: str, name: str = "people.csv") -> ContactImport:
    made = importing.create(workspace.id, file=io.BytesIO(text.encode()), file_name=name, user_id=None)
    importing.run(made.id)
    return importing.find(workspace.id, made.id)


def _imported(workspace: Workspace, text: str) -> ContactImport:
    made = _uploaded(workspace, text)
    importing.start(workspace.id, made.id, user_id=None)
    importing.run(made.id)
    return importing.find(workspace.id, made.id)


def _states() -> dict[str, str]:
    db.session.rollback()
    return {contact.phone: contact.consent for contact in db.session.query(Contact).order_by(Contact.phone)}


def test_a_preview_changes_nothing(workspace: Workspace) -> None:
    made = _uploaded(workspace, "phone,consent\n+4915100000001,yes\n+4915100000002,maybe\n")
    assert (made.status, made.rows, made.faulty) == ("draft", 2, 1)
    assert [row[1] for row in made.first] == ["+4915100000001"]
    assert [fault[1] for fault in made.faults] == ["Consent"]
    assert _states() == {}


def test_rows_become_contacts_with_their_proof(workspace: Workspace) -> None:
    made = _imported(
        workspace,
        "phone,name,consent,source,date\n+4915100000001,Ann,yes,Form,2026-05-31\n+4915100000002,Bob,no,,\n+4915100000003,Eve,stopped,,\n+4915100000004,Joe,,,\n",
    )
    assert made.counts == {"added": 4, "known": 0, "opted_in": 1, "opted_out": 2, "kept_out": 0}
    assert list(_states().values()) == ["opted_in", "opted_out", "stopped", "unknown"]
    ann = db.session.query(ConsentEvent).filter_by(consent="opted_in").one()
    assert (ann.source, ann.text, ann.at.isoformat()) == ("import", "Form", "2026-05-31T00:00:00+00:00")
    assert {row.phone: row.everything for row in db.session.query(OptOut)} == {"+4915100000002": False, "+4915100000003": True}
    assert not path_of(made.id).exists()


def test_the_same_file_again_adds_nobody_twice_and_knows_other_forms_of_a_number(workspace: Workspace) -> None:
    with transaction() as session:
        consent.of_phone(session, workspace.id, "+5215512345678", clock.now())
    _imported(workspace, "phone,name\n+525512345678,Ann\n")
    made = _imported(workspace, "phone,name\n+525512345678,Anna\n")
    assert (made.counts["added"], made.counts["known"]) == (0, 1)
    assert [contact.name for contact in db.session.query(Contact)] == ["Anna"]


def test_a_file_moves_nobody_who_opted_out_unless_it_is_dated_later(workspace: Workspace) -> None:
    with transaction() as session:
        contact = consent.of_phone(session, workspace.id, "+4915100000001", clock.now())
        consent.record(session, contact, Consent.OPTED_OUT, ConsentSource.WORD, clock.now().replace(year=2020))
    made = _imported(workspace, "phone,consent\n+4915100000001,yes\n")
    assert (made.counts["kept_out"], _states()["+4915100000001"]) == (1, "opted_out")
    _imported(workspace, "phone,consent,date\n+4915100000001,yes,2019-01-01\n")
    assert _states()["+4915100000001"] == "opted_out"
    _imported(workspace, "phone,consent,date\n+4915100000001,yes,2021-01-01\n")
    assert _states()["+4915100000001"] == "opted_in"


def test_a_run_that_died_half_way_goes_on_where_it_was(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "phone,consent\n" + "".join(f"+49151{number:08},yes\n" for number in range(1200))
    made = _uploaded(workspace, text)
    importing.start(workspace.id, made.id, user_id=None)
    merge, calls = importing._merge, []

    def die(*args):
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("killed")
        return merge(*args)

    monkeypatch.setattr(importing, "_merge", die)
    with pytest.raises(RuntimeError):
        importing.run(made.id)
    assert importing.find(workspace.id, made.id).done_rows == 500
    db.session.query(ContactImport).update({"lease_until": None})
    db.session.commit()
    importing.run(made.id)
    made = importing.find(workspace.id, made.id)
    assert (made.status, made.done_rows, made.counts["added"]) == ("finished", 1200, 1200)
    assert db.session.query(ConsentEvent).count() == 1200


def test_it_is_started_once(workspace: Workspace) -> None:
    made = _imported(workspace, "phone\n+4915100000001\n")
    with pytest.raises(Conflict):
        importing.start(workspace.id, made.id, user_id=None)


def test_a_file_that_cannot_be_read_says_why(workspace: Workspace) -> None:
    made = _uploaded(workspace, "name\nAnn\n")
    assert made.status == "unreadable"
    assert "Phone number" in made.because


def test_an_erased_opt_out_is_honoured_by_a_later_file_and_the_file_goes_with_the_person(workspace: Workspace) -> None:
    _imported(workspace, "phone,consent\n+4915100000001,no\n")
    waiting = _uploaded(workspace, "phone,name\n+4915100000001,Ann\n")
    contact = db.session.query(Contact).one()
    assert erasure.erase(workspace.id, contact.id, user_id=None).files == 1
    assert not path_of(waiting.id).exists()
    assert importing.find(workspace.id, waiting.id).first == []
    made = _imported(workspace, "phone,consent\n+4915100000001,yes\n")
    assert made.counts["kept_out"] == 1
    assert db.session.query(Contact).filter_by(phone="+4915100000001").one().consent == "opted_out"
