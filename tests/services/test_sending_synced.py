"""Messages that were written in WhatsApp Manager, brought in by Sync, and sent from here."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from flowbuilder.core.delivery import DeliveryStatus
from flowbuilder.core.medium import Kind
from flowbuilder.core.template import TemplateContent, variables_used
from flowbuilder.services import media, outbound
from flowbuilder.services.accounts import lines
from flowbuilder.services.sending import deliver, single
from flowbuilder.store import db
from flowbuilder.store.accounts import Line, Workspace
from flowbuilder.store.outbound import TemplateMessage
from tests.fixtures.servers import Simulator
from tests.services.test_media import FILES, kept
from tests.services.test_sending_media import PHONE, again, head


def made_at_meta(simulator: Simulator, workspace: Workspace, line: Line, template: dict[str, Any]) -> TemplateMessage:
    """Written in WhatsApp Manager, approved, and brought in by Sync."""
    lines.client(line).create_template({"language": "en_US", **template})
    simulator.control("clock", advance=60)
    sync = outbound.sync.begin(workspace.id, line.id, None)
    outbound.sync.run(sync.id)
    return db.session.query(TemplateMessage).filter_by(wire_name=template["name"]).populate_existing().one()


@pytest.mark.parametrize("kind", FILES)
def test_a_synced_message_with_a_file_at_its_head_is_sent_with_one_of_ours(
    simulator: Simulator, workspace: Workspace, line: Line, kind: Kind
) -> None:
    handle = media.sample_handle(line, kept(workspace, kind).id)
    header = {"type": "HEADER", "format": kind.value, "example": {"header_handle": [handle]}}
    body = {"type": "BODY", "text": "Dear {{1}}, our menu of today is here.", "example": {"body_text": [["Ann"]]}}
    template = made_at_meta(simulator, workspace, line, {"name": "menu", "category": "UTILITY", "components": [header, body]})
    word = variables_used(TemplateContent.from_json(template.content))[0]
    wish = {"user_id": None, "client_key": "1", "medium": media.as_medium(kept(workspace, kind, "Another.file"))}
    row = single.send(workspace.id, template.id, PHONE, {word: "Ann"}, **wish)
    deliver.one(row.id)

    assert again(row).status == DeliveryStatus.ACCEPTED
    shown = head(simulator)
    assert (shown["kind"], shown.get("filename")) == (kind.lower(), "Another.file" if kind is Kind.DOCUMENT else None)
    assert requests.get(f"{simulator.url}/media/{shown['media']}", timeout=5).content == FILES[kind]


APP = {"package_name": "com.example.shop", "signature_hash": "K8a/AINcGX7"}
AUTOFILL = {
    "ONE_TAP": {"text": "Copy code", "autofill_text": "Autofill", "supported_apps": [APP]},
    "ZERO_TAP": {"text": "Copy code", "autofill_text": "Autofill", "supported_apps": [APP], "zero_tap_terms_accepted": True},
}


@pytest.mark.parametrize("way", AUTOFILL)
def test_a_synced_code_that_fills_itself_in_is_sent_as_such(simulator: Simulator, workspace: Workspace, line: Line, way: str) -> None:
    button = {"type": "OTP", "otp_type": way, **AUTOFILL[way]}
    parts = [{"type": "BODY", "add_security_recommendation": True}, {"type": "BUTTONS", "buttons": [button]}]
    template = made_at_meta(simulator, workspace, line, {"name": "code", "category": "AUTHENTICATION", "components": parts})
    assert template.unheld == ""
    assert f"otp_type={way}" in str(template.components)
    row = single.send(workspace.id, template.id, PHONE, {"code": "123456"}, user_id=None, client_key="1")
    deliver.one(row.id)

    assert again(row).status == DeliveryStatus.ACCEPTED
    said = simulator.control(f"phones/{PHONE.strip('+')}")["messages"][0]["content"]
    assert "123456" in str(said["body"])
