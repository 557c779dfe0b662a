"""What one workspace has does not exist in another: every route with an id, called by the other's administrator."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from flowbuilder import clock
from flowbuilder.core.scope import Scope
from flowbuilder.services import transaction
from flowbuilder.services.accounts import secrets
from flowbuilder.services.api import tokens
from flowbuilder.store import db, new_id
from flowbuilder.store.accounts import Line, Membership, Role, TestPhone, User, Workspace, WorkspaceSecret
from flowbuilder.store.api import ApiToken
from flowbuilder.store.comments import FlowComment
from flowbuilder.store.consent import ContactImport
from flowbuilder.store.conversations import Contact, Conversation
from flowbuilder.store.flows import FlowDraft, FlowVersion
from flowbuilder.store.handovers import Handover, Team
from flowbuilder.store.media import MediaFile
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.store.outgoing import OutgoingDelivery, OutgoingWebhook
from flowbuilder.store.received import ReceivedFile
from flowbuilder.store.sending import Batch, BatchFault, Message
from flowbuilder.store.validations import Provider
from flowbuilder.web.policy import policy_of
from tests.web.routes import addresses

SENTINEL = "Sentinel of Acme"
_FLOW = {
    "schema": 1, "name": SENTINEL, "settings": {"exit_word": "EXIT", "expires_after": 86400, "reprompt": "Please choose."},
    "nodes": [{"id": "n1", "kind": "you_send_it", "data": {"template": None}}], "edges": [], "layout": {"n1": [0, 0]},
}  # fmt: skip
_CONTENT = {
    "name": SENTINEL, "category": "UTILITY", "language": "en_US", "kind": "TEXT", "conversation": "NOTIFICATION", "header": "",
    "body": f"Hello {SENTINEL}, all is well.", "footer": "", "variables": [], "continue_option": "", "finish_option": "", "actions": [],
    "otp": {"lifetime_minutes": 5, "security_advice": True, "button_label": "Copy code"},
}  # fmt: skip
_LINE = {
    "name": "Globex line", "display_number": "+49 30 1234567", "phone_number_id": "106540352242922", "waba_id": "102290129340398",
    "app_id": "1000200030004000", "base_url": "https://graph.example", "access_token": "t" * 20,
    "app_secret": "s" * 20, "verify_token": "v" * 20,
}  # fmt: skip
_BODY = {"role": "viewer", "name": "Taken", "value": "1"}
_GESTURE = {"command": {"kind": "rename", "name": "Taken"}, "seen": 0, "key": "k"}
_GESTURES = {"flows.change", "flows.undo", "flows.redo", "flows.tidy", "flows.go_to"}
_NOT_OF_WORKSPACES = {"token", "mark", "name", "filename", "stamp", "workspace_id"}


def _comment(flow_id: str) -> str:
    row = FlowComment(id=new_id("com"), flow_id=flow_id, node="n1", text=SENTINEL, at=clock.now())
    db.session.add(row)
    db.session.flush()
    return row.id


def _medium(workspace_id: str) -> str:
    row = MediaFile(
        id=new_id("med"), workspace_id=workspace_id, kind="IMAGE", mime="image/png", size=1, name=SENTINEL, digest="",
        created_at=clock.now(),
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return row.id


def _token(workspace_id: str) -> str:
    row = ApiToken(
        id=new_id("tok"), workspace_id=workspace_id, name=SENTINEL, token_hash="0" * 64, shown="wfd_…", scopes=[],
        created_at=clock.now(), expires_at=clock.now(),
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return row.id


def _secret(workspace_id: str) -> str:
    row = WorkspaceSecret(id=new_id("key"), workspace_id=workspace_id, name="sentinel", changed_at=clock.now())
    row.value = secrets.seal(SENTINEL, workspace_id, row.id, "value")
    db.session.add(row)
    db.session.flush()
    return row.id


def _import(workspace_id: str) -> str:
    row = ContactImport(id=new_id("imp"), workspace_id=workspace_id, status="draft", file_name=SENTINEL, created_at=clock.now())
    db.session.add(row)
    db.session.flush()
    return row.id


def _outgoing(workspace_id: str) -> dict[str, object]:
    hook = OutgoingWebhook(
        id=new_id("hok"), workspace_id=workspace_id, url=f"https://{SENTINEL}", events=[], secret=b"", created_at=clock.now()
    )
    db.session.add(hook)
    db.session.flush()
    told = OutgoingDelivery(
        workspace_id=workspace_id, webhook_id=hook.id, event_id="evt_1", event="message.read", payload={"of": SENTINEL},
        due_at=clock.now(), created_at=clock.now(),
    )  # fmt: skip
    db.session.add(told)
    db.session.flush()
    return {"webhook_id": hook.id, "delivery_id": told.id}


def _handed_over(workspace_id: str, conversation_id: str) -> dict[str, object]:
    now = clock.now()
    team = Team(id=new_id("tea"), workspace_id=workspace_id, name=SENTINEL, created_at=now)
    row = Handover(
        id=new_id("hnd"), workspace_id=workspace_id, conversation_id=conversation_id, note=SENTINEL, created_at=now, heard_at=now
    )  # fmt: skip
    db.session.add_all([team, row])
    db.session.flush()
    return {"team_id": team.id, "handover_id": row.id}


def _provider(workspace_id: str) -> str:
    row = Provider(
        id=new_id("prv"), workspace_id=workspace_id, name=SENTINEL, base_url="https://example.com", secret=b"", checks=["face"],
        created_at=clock.now(),
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return row.id


def _told(workspace_id: str, conversation_id: str) -> dict[str, object]:
    return {**_outgoing(workspace_id), **_handed_over(workspace_id, conversation_id), "provider_id": _provider(workspace_id)}


def _received(message: Message) -> str:
    row = ReceivedFile(
        id=new_id("rcv"), workspace_id=message.workspace_id, line_id=message.line_id, message_id=message.id, meta_id="1", kind="image",
        name=SENTINEL, due_at=clock.now(), created_at=clock.now(),
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return row.id


def _person(workspace_id: str) -> tuple[Contact, TestPhone]:
    known = {"workspace_id": workspace_id, "phone": "+15550100042", "name": SENTINEL}
    return Contact(id=new_id("con"), wa_id="15550100042", created_at=clock.now(), **known), TestPhone(**known)


@pytest.fixture
def owned(workspace: Workspace, line: Line) -> dict[str, object]:
    """One row of each kind in Acme, by the name that routes have for its id."""
    now, acme = clock.now(), workspace.id
    with transaction() as session:
        session.get(Line, line.id).name = SENTINEL
        times = {"created_at": now, "updated_at": now}
        template = TemplateMessage(
            id=new_id("out"), workspace_id=acme, line_id=line.id, name=SENTINEL, wire_name="sentinel", language="en_US", category="UTILITY",
            kind="TEXT", conversation="NOTIFICATION", content=_CONTENT, status="approved", **times,
        )  # fmt: skip
        flow = FlowDraft(id=new_id("flw"), workspace_id=acme, name=SENTINEL, document=_FLOW, **times)
        contact, phone = _person(acme)
        session.add_all([template, flow, contact, phone])
        session.flush()
        version = FlowVersion(id=new_id("ver"), flow_id=flow.id, number=1, document=_FLOW, digest="0" * 64, created_at=now)
        batch = Batch(
            id=new_id("bat"), workspace_id=acme, line_id=line.id, template_id=template.id, door="outbound", status="draft", plan={},
            file_name=SENTINEL, created_at=now,
        )  # fmt: skip
        session.add_all([version, batch])
        session.flush()
        talk = Conversation(
            id=new_id("cnv"), workspace_id=acme, flow_id=flow.id, version_id=version.id, contact_id=contact.id, line_id=line.id,
            status="in_progress", state={}, started_at=now, updated_at=now,
        )  # fmt: skip
        message = Message(
            workspace_id=acme, line_id=line.id, direction="out", kind="template", status="failed", phone="+15550100042",
            template_id=template.id, batch_id=batch.id, content={"kind": "text", "body": SENTINEL}, created_at=now,
        )  # fmt: skip
        fault = BatchFault(batch_id=batch.id, row=2, field="phone", code="phone_missing", value=SENTINEL, text=SENTINEL)
        session.add_all([talk, message, fault])
        session.flush()
        member = session.query(User).filter_by(email="tester@acme.example").one()
        return {
            "media_id": _medium(acme), "file_id": _received(message), "comment_id": _comment(flow.id), "secret_id": _secret(acme),
            "number": version.number, "version_id": version.id, "line_id": line.id, "template_id": template.id, "flow_id": flow.id,
            "batch_id": batch.id, "conversation_id": talk.id, "message_id": message.id, "fault_id": fault.id, "member_id": member.id,
            "phone_id": phone.id, "token_id": _token(acme), "step": "n1", "contact_id": contact.id, "import_id": _import(acme),
            **_told(acme, talk.id),
        }  # fmt: skip


@pytest.fixture
def stranger(app: Flask, sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    """The administrator of another workspace, Globex."""
    client = sign_in("admin")
    with transaction() as session:
        globex = Workspace(id=new_id("wsp"), name="Globex", created_at=clock.now())
        session.add(globex)
        session.flush()
        user = session.query(User).filter_by(email="admin@acme.example").one()
        session.add(Membership(workspace_id=globex.id, user_id=user.id, role=Role.ADMIN))
    client.post(f"/account/workspaces/{globex.id}")
    client.post("/lines/new", data=_LINE)
    return client


def test_nothing_of_another_workspace_can_be_reached_by_its_id(app: Flask, stranger: FlaskClient, owned: dict[str, object]) -> None:
    wrong = []
    body = _BODY | {"line_id": db.session.query(Line).filter_by(name="Globex line").one().id}
    for rule, method, path in addresses(app, owned):
        names = rule.arguments - _NOT_OF_WORKSPACES
        if not names or policy_of(app, rule.endpoint).role is None or rule.endpoint == "accounts.phone_remove":
            continue
        assert names <= owned.keys() | {"verb", "state", "key"}, f"{rule} has a variable that this test does not know"
        sent = {"json": _GESTURE} if rule.endpoint in _GESTURES else {"data": body} if method == "POST" else {}
        response = stranger.open(path, method=method, **sent)
        if response.status_code != 404 or SENTINEL in response.text:
            wrong.append(f"{method} {rule} answered {response.status_code}")

    assert not wrong, "\n".join(wrong)


def test_no_token_of_another_workspace_reaches_anything_by_its_id(app: Flask, stranger: FlaskClient, owned: dict[str, object]) -> None:
    globex, admin = db.session.query(Workspace).filter_by(name="Globex").one(), db.session.query(User).first()
    sent = {"Authorization": f"Bearer {tokens.create(globex.id, 'Globex', list(Scope), 7, user_id=admin.id)[1]}"}

    for rule, method, path in addresses(app, owned):
        if policy_of(app, rule.endpoint).scope:
            response = app.test_client().open(path, method=method, headers=sent, **({"json": {}} if method in ("POST", "PATCH") else {}))
            assert SENTINEL not in response.text, f"{method} {rule}"
            if rule.arguments:
                assert response.status_code in (404, 422), f"{method} {rule} answered {response.status_code}"


def test_lists_show_nothing_of_another_workspace(app: Flask, stranger: FlaskClient, owned: dict[str, object]) -> None:
    for rule, method, path in addresses(app):
        if method == "GET" and not rule.arguments and not policy_of(app, rule.endpoint).scope:
            assert SENTINEL not in stranger.get(path).text, path


def test_the_owners_do_reach_it_so_that_the_404s_mean_something(
    app: Flask, sign_in: Callable[..., FlaskClient], owned: dict[str, object]
) -> None:
    client = sign_in("admin")

    for endpoint, name in (("/lines/{}", "line_id"), ("/outbound/{}", "template_id"), ("/flows/{}", "flow_id")):
        response = client.get(endpoint.format(owned[name]))
        assert response.status_code == 200, endpoint
        assert SENTINEL in response.text, endpoint


def test_removing_a_test_phone_of_another_workspace_removes_nothing(stranger: FlaskClient, owned: dict[str, object]) -> None:
    stranger.post(f"/test-phones/{owned['phone_id']}/remove")

    assert db.session.query(TestPhone).count() == 1
