"""The pages of an import: upload, preview, start."""

from __future__ import annotations

import io
from collections.abc import Callable

from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from flowbuilder.services.contacts import importing
from flowbuilder.store import db
from flowbuilder.store.accounts import Workspace
from flowbuilder.store.consent import ContactImport
from flowbuilder.store.conversations import Contact

SignIn = Callable[..., FlaskClient]


def _upload(client: FlaskClient, text: str) -> str:
    response = client.post("/contacts/import", data={"file": (io.BytesIO(text.encode()), "people.csv")})
    assert response.status_code == 303
    db.session.rollback()
    importing.run(db.session.query(ContactImport).one().id)
    return response.location


def test_a_file_is_previewed_started_and_its_end_told(sign_in: SignIn, workspace: Workspace) -> None:
    client = sign_in("designer")
    address = _upload(client, "phone,name,consent\n+4915100000001,Ann,yes\n+49151,Bob,yes\n")
    page = BeautifulSoup(client.get(address).text, "html.parser")
    text = page.get_text(" ")
    assert "Import 1 contact" in text and "Opted in" in text and "+49151" in text
    client.post(page.select_one("form[action$=start]")["action"])
    db.session.rollback()
    assert 'hx-trigger="every 1s"' in client.get(address, headers={"HX-Request": "true"}).text
    importing.run(db.session.query(ContactImport).one().id)
    done = client.get(address).text
    assert "Contacts added" in done and "every 1s" not in done
    assert [contact.name for contact in db.session.query(Contact)] == ["Ann"]


def test_no_file_gets_a_sentence(sign_in: SignIn) -> None:
    response = sign_in("designer").post("/contacts/import")
    assert response.status_code == 422
    assert "Choose a CSV or XLSX file first." in response.text


def test_the_template_file_is_read_without_a_fault(sign_in: SignIn, workspace: Workspace) -> None:
    client = sign_in("designer")
    example = client.get("/contacts/import.csv").get_data(as_text=True)
    _upload(client, example)
    made = db.session.query(ContactImport).populate_existing().one()
    assert (made.status, made.rows, made.faulty) == ("draft", 1, 0)
    assert "people.csv" in client.get("/contacts/import").text


def test_testers_do_not_import(sign_in: SignIn) -> None:
    assert sign_in("tester").get("/contacts/import").status_code == 403
