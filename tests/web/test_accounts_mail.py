"""The mail server of the workspace: entered, kept without its password ever shown, and tried."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from flowbuilder.services.accounts import mail
from flowbuilder.store import db
from flowbuilder.store.accounts import Line, Workspace
from flowbuilder.store.codes import MailServer
from tests.fixtures.servers import free_port

GOOD = {
    "host": "smtp.example.com", "port": "587", "encryption": "starttls", "user_name": "ann", "password": "s3cret-words",
    "from_address": "flows@example.com", "from_name": "Ann’s shop",
}  # fmt: skip


@pytest.fixture
def admin(sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    return sign_in("admin")


def test_a_mail_server_is_kept_and_its_password_never_shown(admin: FlaskClient, workspace: Workspace) -> None:
    assert admin.post("/mail", data=GOOD).status_code == 303
    page = admin.get("/mail").get_data(as_text=True)
    assert "smtp.example.com" in page
    assert "s3cret-words" not in page
    assert mail.server_of(workspace.id).password == "s3cret-words"
    assert admin.post("/mail", data=GOOD | {"password": "", "port": "465", "encryption": "tls"}).status_code == 303
    db.session.rollback()
    assert (mail.server_of(workspace.id).password, mail.server_of(workspace.id).port) == ("s3cret-words", 465)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("host", "", "Enter the name of the mail server"), ("host", "http://x", "such as smtp.example.com"),
        ("host", "127.0.0.1", "only the mailbox of the simulator"), ("host", "192.168.1.9", "not reached from here"),
        ("port", "6379", "25, 465, 587 and 2525"), ("port", "mail", "whole number"),
        ("encryption", "rot13", "Choose the encryption"), ("from_address", "ann", "such as ann@example.com"),
        ("encryption", "none", "could be read on its way"),
        ("password", "", "Enter the password"), ("user_name", "", "user name that belongs"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_on_its_field_and_loses_nothing(admin: FlaskClient, field: str, value: str, words: str) -> None:
    answer = admin.post("/mail", data=GOOD | {field: value})
    page = BeautifulSoup(answer.get_data(as_text=True), "html.parser")
    assert answer.status_code == 422
    assert words in page.select_one(f"#field-{field}-error").text
    assert page.select_one("#field-from_name")["value"] == "Ann’s shop"
    assert db.session.query(MailServer).count() == 0


def test_a_test_mail_that_does_not_leave_says_why(app: Flask, admin: FlaskClient, workspace: Workspace, line: Line) -> None:
    app.extensions["flowbuilder"] = replace(app.extensions["flowbuilder"], simulator_smtp_port=free_port())
    mail.put(workspace.id, mail.of_simulator(), user_id=None)
    answer = admin.post("/mail/test", data={"to": "ann@example.com"})
    assert answer.status_code == 422
    assert "No connection to the mail server could be made" in answer.get_data(as_text=True)
    assert "such as ann@example.com" in admin.post("/mail/test", data={"to": "ann"}).get_data(as_text=True)


def test_this_machine_is_reached_only_where_a_line_is_the_simulators(admin: FlaskClient, workspace: Workspace, line: Line) -> None:
    mailbox = {"host": "127.0.0.1", "port": "8025", "encryption": "none", "user_name": "", "password": ""}
    assert admin.get("/mail").text.count('value="127.0.0.1"') == 1
    assert admin.post("/mail", data=GOOD | mailbox).status_code == 303
    line.is_simulator = False
    db.session.commit()
    assert mail.server_of(workspace.id).own_port == 0
    assert admin.post("/mail", data=GOOD | mailbox).status_code == 422
