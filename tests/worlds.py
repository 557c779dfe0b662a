"""Rows and values that tests of sending and inbound need: an approved template, a small flow, signed webhooks."""

from __future__ import annotations

import json
import time
from typing import Any

from flowbuilder import clock
from flowbuilder.core.run import Input, InputKind
from flowbuilder.services import transaction
from flowbuilder.services.accounts import secrets
from flowbuilder.services.conversations import turns
from flowbuilder.services.inbound import apply, intake
from flowbuilder.services.sending import deliver, single
from flowbuilder.store import db, new_id
from flowbuilder.store.accounts import Line
from flowbuilder.store.conversations import Contact, Conversation
from flowbuilder.store.flows import FlowDraft, FlowVersion
from flowbuilder.store.handovers import Handover
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.store.sending import Batch, Message
from flowbuilder.whatsapp import signature

NUMBER_ID = "3000000000000001"
SECRETS = {"app_secret": "app-secret", "access_token": "access-token", "verify_token": "verify-token"}

DOCUMENT = {
    "schema": 1,
    "name": "Colours",
    "nodes": [
        {"id": "n1", "kind": "you_send_it", "data": {}},
        {
            "id": "n2",
            "kind": "answer_options",
            "data": {"style": "buttons", "text": "Which colour, {{first_name}}?", "variable": "colour",
                     "tries": 2, "retry_text": "Please tap.",
                     "options": [{"id": "r", "title": "Red"}, {"id": "g", "title": "Green"}]},
        },
        {"id": "n3", "kind": "message", "data": {"text": "{{colour}} it is."}},
        {"id": "n4", "kind": "finish", "data": {"outcome": "success", "text": "Bye."}},
    ],
    "edges": [
        {"source": "n1", "port": "continue", "target": "n2"},
        {"source": "n2", "port": "r", "target": "n3"},
        {"source": "n2", "port": "g", "target": "n3"},
        {"source": "n2", "port": "otherwise", "target": "n4"},
        {"source": "n3", "port": "next", "target": "n4"},
    ],
}  # fmt: skip


def seal(line: Line) -> Line:
    """Give the line secrets that open."""
    for field, value in SECRETS.items():
        setattr(line, field, secrets.seal(value, line.workspace_id, line.id, field))
    db.session.commit()
    return line


def template(line: Line, *, category: str = "UTILITY", body: str = "Hi {{first_name}}, may we ask you something?") -> TemplateMessage:
    content = {
        "name": "Hello", "category": category, "language": "en_US", "kind": "TEXT", "conversation": "FLOW", "body": body,
        "variables": [{"name": "first_name", "example": "Ann"}], "continue_option": "Continue", "finish_option": "Cancel",
    }  # fmt: skip
    row = TemplateMessage(
        id=new_id("tpl"), workspace_id=line.workspace_id, line_id=line.id, name="Hello", wire_name=f"hello_{new_id('x')[2:10]}",
        language="en_US", category=category, kind="TEXT", conversation="FLOW", content=content, status="approved", meta_id="77",
        created_at=clock.now(), updated_at=clock.now(),
    )  # fmt: skip
    db.session.add(row)
    db.session.commit()
    return row


def version(line: Line, document: dict[str, Any] = DOCUMENT) -> FlowVersion:
    flow = FlowDraft(
        id=new_id("flw"),
        workspace_id=line.workspace_id,
        name=document["name"],
        document=document,
        created_at=clock.now(),
        updated_at=clock.now(),
    )
    db.session.add(flow)
    db.session.flush()
    row = FlowVersion(id=new_id("ver"), flow_id=flow.id, number=1, document=document, digest=new_id("d"), created_at=clock.now())
    db.session.add(row)
    db.session.commit()
    return row


def published(line: Line, document: dict[str, Any]) -> FlowVersion:
    """A flow whose live version is this document."""
    from flowbuilder.services import transaction
    from flowbuilder.services.flows import openings

    row = version(line, document)
    with transaction() as session:
        row.flow.published = row.number
        openings.note(session, line.workspace_id, row)
    return row


def flow(*nodes: tuple[str, str, dict[str, Any]], edges: tuple[tuple[str, str, str], ...], name: str = "Flow") -> dict[str, Any]:
    """The document of a flow."""
    steps = [{"id": id, "kind": kind, "data": data} for id, kind, data in nodes]
    return {
        "schema": 1,
        "name": name,
        "nodes": steps,
        "edges": [dict(zip(("source", "port", "target"), edge, strict=True)) for edge in edges],
    }


def handed_over(line: Line) -> str:
    """Somebody who wrote help, and whom the flow handed over: the id in the inbox."""
    document = flow(
        ("n1", "user_sends_it", {"phrases": [{"id": "p1", "text": "help"}], "line": None}),
        ("n2", "hand_over", {"note": "Wants {{contact.name}}'s money back.", "text": "One moment.", "after": 86400}),
        ("n3", "finish", {"outcome": "success", "text": "Bye."}),
        edges=(("n1", "next", "n2"), ("n2", "given_back", "n3")),
    )
    started, now = version(line, document), clock.now()
    with transaction() as session:
        person = Contact(
            id="con_zoe", workspace_id=line.workspace_id, wa_id="4915112345678", phone="+4915112345678", name="Zoë", last_heard_at=now,
            created_at=now,
        )  # fmt: skip
        session.add(person)
        session.flush()
        row = turns.begin_spoken(session, person, started, line, now, is_trial=False)
        turns.take(session, row, Input(InputKind.TEXT, text="help"), now)
    return db.session.query(Handover).one().id


def batch(line: Line, template: TemplateMessage, count: int, *, version_id: str | None = None, status: str = "running") -> Batch:
    """A batch of ``count`` recipients, all queued."""
    plan = {"template": {"wire_name": template.wire_name, "language": "en_US", "content": template.content}}
    row = Batch(
        id=new_id("bat"), workspace_id=line.workspace_id, line_id=line.id, template_id=template.id, version_id=version_id, door="outbound",
        status=status, plan=plan, rows=count, created_at=clock.now(), started_at=clock.now(),
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    for start in range(0, count, 20_000):
        db.session.execute(
            Message.__table__.insert(),
            [
                {
                    "workspace_id": line.workspace_id, "line_id": line.id, "direction": "out", "kind": "template", "status": "queued",
                    "phone": f"+4915{number:09}", "batch_id": row.id, "template_id": template.id, "number": number + 2,
                    "content": {"parameters": {"first_name": f"P{number}"}}, "created_at": clock.now(),
                }
                for number in range(start, min(count, start + 20_000))
            ],
        )  # fmt: skip
    db.session.commit()
    return row


def said_to_us(
    wamid: str,
    *,
    wa_id: str = "4915100000001",
    quoted: str | None = None,
    ago: float = 0,
    user_id: str | None = None,
    to: str = NUMBER_ID,
    **part: Any,
) -> bytes:
    """A webhook with one inbound message, such as ``text={"body": "Hi"}``."""
    (kind, value), *_ = part.items()
    message = {"id": wamid, "timestamp": str(int(time.time() - ago)), "type": kind, kind: value}
    contact: dict[str, Any] = {"profile": {"name": "Ann"}}
    if wa_id:
        message["from"] = contact["wa_id"] = wa_id
    if user_id:
        message["from_user_id"] = contact["user_id"] = user_id
    if quoted:
        message["context"] = {"id": quoted}
    return _post({"contacts": [contact], "messages": [message]}, to)


def status(wamid: str, to: str, *, callback: Any = None, number_id: str = NUMBER_ID, **more: Any) -> bytes:
    """A webhook with one status."""
    return statuses(
        [
            {
                "id": wamid,
                "status": to,
                "timestamp": str(int(time.time())),
                **({"biz_opaque_callback_data": str(callback)} if callback else {}),
                **more,
            }
        ],
        number_id,
    )


def statuses(each: list[dict[str, Any]], number_id: str = NUMBER_ID) -> bytes:
    return _post({"statuses": each}, number_id)


def _post(value: dict[str, Any], number_id: str) -> bytes:
    value = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": number_id}, **value}
    return json.dumps(
        {"object": "whatsapp_business_account", "entry": [{"id": "2", "changes": [{"field": "messages", "value": value}]}]}
    ).encode()


def wamid_in(body: bytes) -> str:
    """Of the one inbound message that a webhook tells."""
    return json.loads(body)["entry"][0]["changes"][0]["value"]["messages"][0]["id"]


def hear(line: Line, wamid: str, *, wa_id: str, **what: Any) -> None:
    """Somebody says or taps something, and it is taken up."""
    body = said_to_us(wamid, wa_id=wa_id, **what)
    intake.receive(line.id, body, signed(body))
    apply.run()


def past_the_opening(line: Line, started: FlowVersion) -> Conversation:
    """Somebody stands in the flow behind its opening; nothing was sent for that."""
    now = clock.now()
    with transaction() as session:
        person = Contact(id=new_id("con"), workspace_id=line.workspace_id, phone="+4915112345678", wa_id="4915112345678", created_at=now)
        session.add(person)
        session.flush()
        talk = turns.begin_spoken(session, person, started, line, now, is_trial=False)
        turns.take(session, talk, Input(InputKind.TAP, option="continue"), now)
    return talk


def begin(line: Line, document: dict[str, Any], wa_id: str, *, first_name: str = "Ann") -> Conversation:
    """A conversation that has gone past its opening: the initial message was sent and its **Continue** tapped."""
    row = single.send(
        line.workspace_id,
        template(line).id,
        f"+{wa_id}",
        {"first_name": first_name},
        version_id=version(line, document).id,
        user_id=None,
        client_key="k",
    )
    deliver.one(row.id)
    opener = reload(row)
    hear(line, "continued", wa_id=wa_id, quoted=opener.wamid, button={"payload": "continue", "text": "Continue"})
    found = conversation_of(opener)
    assert found
    return found


def signed(body: bytes) -> str:
    return signature.sign(body, SECRETS["app_secret"])


def reload(row: Any) -> Any:
    """The row as the database has it now."""
    db.session.rollback()
    return db.session.get(type(row), row.id, populate_existing=True)


def conversation_of(opener: Message) -> Conversation | None:
    db.session.rollback()
    return db.session.query(Conversation).filter_by(opened_by=opener.id).one_or_none()
