"""The mail server of a workspace as it is kept."""

from __future__ import annotations

from dataclasses import replace

from flowbuilder.services.accounts import mail, secrets
from flowbuilder.store.accounts import Line


def test_a_password_is_sealed_and_moves_with_new_keys(here: Line) -> None:
    details = mail.MailDetails(
        host="smtp.example.com", port=587, encryption="starttls", user_name="u", password="pass-word", from_address="a@example.com"
    )
    mail.put(here.workspace_id, details, user_id=None)
    assert b"pass-word" not in mail.of(here.workspace_id).password
    secrets.rotate()
    assert mail.server_of(here.workspace_id).password == "pass-word"
    mail.put(here.workspace_id, replace(details, password="", port=465), user_id=None)
    assert (mail.server_of(here.workspace_id).password, mail.server_of(here.workspace_id).port) == ("pass-word", 465)
