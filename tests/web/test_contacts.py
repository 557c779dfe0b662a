"""Pages of contacts: the list with its filters, one person with consent, messages and conversations, and the export."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from flowbuilder import clock
from flowbuilder.core.consent import Consent, ConsentSource
from flowbuilder.services import transaction
from flowbuilder.services.contacts import consent
from flowbuilder.store import db, new_id
from flowbuilder.store.accounts import AuditEvent, Line, Workspace
from flowbuilder.store.consent import ConsentEvent
from flowbuilder.store.conversations import Contact
from flowbuilder.store.sending import Message
from tests import worlds

SignIn = Callable[..., FlaskClient]


def _page(client: FlaskClient, path: str) -> BeautifulSoup:
    response = client.get(path)
    assert response.status_code == 200
    return BeautifulSoup(response.text, "html.parser")


def _contact(workspace: Workspace, number: int = 1, **more) -> Contact:
    now = clock.now() + timedelta(seconds=number)
    row = Contact(
        id=new_id("con"), workspace_id=workspace.id, phone=f"+4915100000{number:03}", name=f"Person {number}", created_at=now, **more
    )
    db.session.add(row)
    db.session.commit()
    return row


def _names(page: BeautifulSoup) -> list[str]:
    return [link.text for link in page.select("#results td.main-cell a")]


def test_the_list_shows_the_newest_first_and_pages_by_place(sign_in: SignIn, workspace: Workspace) -> None:
    for number in range(120):
        _contact(workspace, number)
    client, path, seen = sign_in("viewer"), "/contacts", []
    while path:
        page = _page(client, path)
        seen += _names(page)
        following = page.select_one("nav.pager a[href*=before]")
        path = following["href"] if following else ""
    assert seen == [f"Person {number}" for number in reversed(range(120))]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("search=person+1", ["Person 1"]),
        ("search=%2B49+151+00000-002", ["Person 2"]),
        ("consent=opted_out", ["Person 2"]),
        ("heard=day", ["Person 3"]),
        ("heard=longer", ["Person 2"]),
        ("heard=never", ["Person 1"]),
        ("consent=opted_out&heard=day", []),
        ("consent=nonsense&heard=nonsense", ["Person 3", "Person 2", "Person 1"]),
    ],
)
def test_the_list_is_narrowed(sign_in: SignIn, workspace: Workspace, query: str, names: list[str]) -> None:
    _contact(workspace, 1)
    _contact(workspace, 2, consent="opted_out", last_heard_at=clock.now() - timedelta(days=60))
    _contact(workspace, 3, last_heard_at=clock.now())
    assert _names(_page(sign_in("viewer"), f"/contacts?{query}")) == names


def test_a_whole_number_that_only_a_batch_wrote_to_leads_to_that_batch(sign_in: SignIn, workspace: Workspace, line: Line) -> None:
    batch = worlds.batch(line, worlds.template(line), 2)
    phone, other = [row.phone for row in db.session.query(Message).filter_by(batch_id=batch.id).order_by(Message.id)]
    client = sign_in("viewer")
    page = _page(client, f"/contacts?search=%2B{phone[1:3]}+{phone[3:]}")
    assert "This number was written to by a batch only" in page.get_text(" ")
    assert page.find("a", href=f"/batches/{batch.id}")
    assert "Batches that wrote" not in _page(client, f"/contacts?search={other[1:6]}").get_text(" ")


def test_a_person_shows_consent_with_its_proof_messages_and_conversations(sign_in: SignIn, workspace: Workspace, line: Line) -> None:
    contact = _contact(workspace)
    batch = worlds.batch(line, worlds.template(line), 1)
    db.session.query(Message).filter_by(batch_id=batch.id).update({"phone": contact.phone})
    db.session.commit()
    with transaction() as session:
        known = session.get(Contact, contact.id)
        session.add(
            Message(
                workspace_id=workspace.id, line_id=line.id, direction="in", kind="text", status="received", contact_id=contact.id,
                content={"kind": "text", "body": "Hello there"}, created_at=clock.now(),
            )
        )  # fmt: skip
        consent.record(session, known, Consent.OPTED_OUT, ConsentSource.WORD, clock.now(), text="Stop!")
    text = _page(sign_in("viewer"), f"/contacts/{contact.id}").get_text(" ")
    for words in ("Opted out of promotions", "Wrote it to us", "Stop!", "Hello there", contact.phone, "Hello"):
        assert words in text


def test_opting_in_by_hand_needs_a_reason_and_is_written_down(sign_in: SignIn, workspace: Workspace) -> None:
    contact, client = _contact(workspace), sign_in("tester")
    refused = client.post(f"/contacts/{contact.id}/consent", data={"consent": "opted_in", "reason": " "})
    page = BeautifulSoup(refused.text, "html.parser")
    assert refused.status_code == 422
    assert "Say how this person told you" in page.select_one("[data-field=reason] .field-error").text
    assert page.select_one("input[value=opted_in]").has_attr("checked")
    assert client.post(f"/contacts/{contact.id}/consent", data={"consent": "opted_in", "reason": "by phone"}).status_code == 303
    event = db.session.query(ConsentEvent).one()
    assert (event.consent, event.source, event.text, bool(event.user_id)) == ("opted_in", "hand", "by phone", True)
    assert db.session.query(AuditEvent).filter_by(verb="contact.opted_in", subject=contact.id).count() == 1


def test_a_viewer_may_look_and_not_touch(sign_in: SignIn, workspace: Workspace) -> None:
    contact, client = _contact(workspace), sign_in("viewer")
    assert not _page(client, f"/contacts/{contact.id}").select("main form")
    assert client.post(f"/contacts/{contact.id}/consent", data={"consent": "opted_out", "reason": "x"}).status_code == 403


def test_a_contact_is_added_once_and_a_number_that_is_none_gets_a_sentence(sign_in: SignIn, workspace: Workspace) -> None:
    client = sign_in("tester")
    refused = client.post("/contacts/new", data={"country": "49", "phone": "12", "name": "Ann"})
    page = BeautifulSoup(refused.text, "html.parser")
    assert refused.status_code == 422
    assert page.select_one("[data-field=phone] .field-error").text.strip()
    assert page.select_one("input[name=name]")["value"] == "Ann"
    for name in ("Ann", ""):
        assert client.post("/contacts/new", data={"country": "49", "phone": "1512 3456789", "name": name}).status_code == 303
    assert [(row.phone, row.name) for row in db.session.query(Contact)] == [("+4915123456789", "Ann")]


def test_the_export_is_safe_for_spreadsheets_and_keeps_to_the_filters(sign_in: SignIn, workspace: Workspace) -> None:
    _contact(workspace, 1, consent="opted_in", consent_at=clock.now())
    _contact(workspace, 2)
    db.session.query(Contact).update({"name": "=1+1"})
    db.session.commit()
    response = sign_in("designer").get("/contacts/export.csv?consent=opted_in")
    head, *rows = csv.reader(io.StringIO(response.get_data(as_text=True).lstrip("\ufeff")))
    assert head[:4] == ["Country code", "Phone number", "Name", "Consent"]
    assert [row[:4] for row in rows] == [["49", "15100000001", "'=1+1", "opted_in"]]


def test_the_link_to_the_export_follows_the_filters(sign_in: SignIn, workspace: Workspace) -> None:
    narrowed = sign_in("designer").get("/contacts?consent=opted_in&search=ann", headers={"HX-Request": "true"}).text
    assert _link(narrowed) == "/contacts/export.csv?search=ann&consent=opted_in"
    assert "hx-partial" not in sign_in("viewer").get("/contacts", headers={"HX-Request": "true"}).text


def _link(text: str) -> str:
    return str(BeautifulSoup(text, "html.parser").select_one("#export")["href"])


def test_an_admin_may_ask_for_an_opt_in_on_record(sign_in: SignIn, workspace: Workspace) -> None:
    client = sign_in("admin")
    client.post("/contacts/rule", data={"needs_opt_in": "1"})
    assert consent.needs_proof(workspace.id)
    assert _page(client, "/contacts").select_one("input[name=needs_opt_in]").has_attr("checked")
    client.post("/contacts/rule")
    assert not consent.needs_proof(workspace.id)


def test_erasing_asks_first_and_then_says_what_was_found(sign_in: SignIn, workspace: Workspace) -> None:
    contact, client = _contact(workspace, consent="opted_out"), sign_in("admin")
    assert "This can't be undone" in _page(client, f"/contacts/{contact.id}/erase").text
    refused = client.post(f"/contacts/{contact.id}/erase")
    assert refused.status_code == 422
    assert "Tick this" in refused.text
    response = client.post(f"/contacts/{contact.id}/erase", data={"sure": "1"})
    assert "Messages emptied" in response.text
    assert "Kept as a digest" in response.text
    assert client.get(f"/contacts/{contact.id}").status_code == 404
    assert _names(_page(client, "/contacts")) == []


def test_attributes_are_changed_on_the_page_and_exported(sign_in: SignIn, workspace: Workspace) -> None:
    client, contact = sign_in("designer"), _contact(workspace)
    address = f"/contacts/{contact.id}"
    assert client.post(f"{address}/attributes", data={"new_name": "Customer number", "new_value": "=77"}).status_code == 303
    assert _page(client, address).select_one("[name=attribute-customer_number]")["value"] == "=77"
    assert list(csv.DictReader(io.StringIO(client.get("/contacts/export.csv").text)))[0]["attribute: customer_number"] == "'=77"
    refused = client.post(f"{address}/attributes", data={"attribute-customer_number": "x" * 1001, "new_name": "phone", "new_value": "1"})
    assert refused.status_code == 422 and "known of every contact by itself" in refused.text
    assert client.post(f"{address}/attributes", data={"attribute-customer_number": ""}).status_code == 303
    assert _page(client, address).select_one("[name=attribute-customer_number]") is None
