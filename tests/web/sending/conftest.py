"""An approved message, a flow, a batch read and a batch under way."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from flowbuilder import clock
from flowbuilder.services import transaction
from flowbuilder.services.sending import pump, reading, starting
from flowbuilder.store import db, new_id
from flowbuilder.store.flows import FlowDraft, FlowVersion
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.store.sending import Batch, Message
from tests.web.sending.pages import CONTENT, upload


@pytest.fixture
def template(workspace, line):
    def of(conversation: str = "NOTIFICATION", status: str = "approved") -> TemplateMessage:
        content = {**CONTENT, "conversation": conversation}
        row = TemplateMessage(
            id=new_id("out"), workspace_id=workspace.id, line_id=line.id, name="Order ready", wire_name=new_id("w"), language="en_US",
            category="UTILITY", kind="TEXT", conversation=conversation, content=content, status=status,
            created_at=clock.now(), updated_at=clock.now(),
        )  # fmt: skip
        db.session.add(row)
        db.session.commit()
        return row

    return of


@pytest.fixture
def flow(workspace):
    def of(template_id: str | None, *, published: bool = False) -> FlowDraft:
        nodes = [{"id": "n1", "kind": "you_send_it", "data": {"template": template_id}}]
        document = {"schema": 1, "name": "Welcome", "settings": {}, "nodes": nodes, "edges": [], "layout": {}}
        row = FlowDraft(
            id=new_id("flw"), workspace_id=workspace.id, name="Welcome", document=document, revision=1, published=1 if published else None,
            created_at=clock.now(), updated_at=clock.now(),
        )  # fmt: skip
        db.session.add(row)
        db.session.flush()
        if published:
            db.session.add(FlowVersion(id=new_id("ver"), flow_id=row.id, number=1, document=document, digest="x", created_at=clock.now()))
        db.session.commit()
        return row

    return of


@pytest.fixture
def read_batch(sign_in, template):
    """A batch of 2,000 rows, uploaded through the page and read."""

    def of(name: str = "recipients_2000.csv") -> tuple[Batch, object]:
        client = sign_in("tester")
        answer = upload(client, f"/outbound/{template().id}/batches", name)
        batch_id = answer.headers["Location"].rsplit("/", 1)[1]
        reading.run(batch_id)
        return db.session.get(Batch, batch_id, populate_existing=True), client

    return of


@pytest.fixture
def started(read_batch, workspace, monkeypatch):
    """The same, started, with 100 rows of several statuses."""
    monkeypatch.setattr(pump, "ring_batch", lambda batch_id: None)
    batch, client = read_batch()
    starting.start(workspace.id, batch.id, opted_in=True, again=False, user_id=None)
    ids = db.session.scalars(select(Message.id).where(Message.batch_id == batch.id).order_by(Message.id).limit(100)).all()
    states = [("delivered", 60), ("read", 20), ("failed", 10), ("unconfirmed", 10)]
    with transaction() as session:
        for status, count in states:
            some, ids = ids[:count], ids[count:]
            values = {"status": status, **({"error_code": 131026} if status == "failed" else {})}
            session.execute(update(Message).where(Message.id.in_(some)).values(**values))
    return db.session.get(Batch, batch.id, populate_existing=True), client
