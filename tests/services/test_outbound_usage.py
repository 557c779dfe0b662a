from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import update

from flowbuilder import clock
from flowbuilder.core.batch import BatchStatus
from flowbuilder.core.nodes import KINDS
from flowbuilder.core.review import ReviewStatus
from flowbuilder.core.template import Category
from flowbuilder.services import flows, outbound
from flowbuilder.store import db, new_id
from flowbuilder.store.accounts import Line, Workspace
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.store.sending import Batch, Message
from tests import worlds
from tests.services.outbound_meta import READY


def message(workspace: Workspace, line: Line, status: str = ReviewStatus.APPROVED, **changes: str) -> TemplateMessage:
    row = outbound.create(workspace.id, line.id, replace(READY, **changes), None)
    row.status = status
    db.session.commit()
    return row


def flow_with(workspace: Workspace, name: str, template_id: str) -> str:
    draft = flows.create(workspace.id, name)
    (start,) = [node["id"] for node in draft.document["nodes"] if node["kind"] == "you_send_it"]
    flows.change(workspace.id, draft.id, {"kind": "change", "node": start, "data": {"template": template_id}}, None)
    return draft.id


def write(row: TemplateMessage, status: str, *, batch: Batch | None = None) -> None:
    number = db.session.query(Message).count()
    db.session.add(
        Message(
            workspace_id=row.workspace_id, line_id=row.line_id, direction="out", kind="template", status=status, content={},
            template_id=row.id, phone=f"+4915123{number:05}", batch_id=batch and batch.id, created_at=clock.now(),
            client_key=None if batch else f"key{number}",
        )
    )  # fmt: skip
    db.session.commit()


def batch_of(row: TemplateMessage, status: str, *, is_started: bool = True) -> Batch:
    now = clock.now()
    batch = Batch(
        id=new_id("bat"), workspace_id=row.workspace_id, line_id=row.line_id, template_id=row.id, door="outbound", status=status,
        created_at=now, started_at=now if is_started else None,
    )  # fmt: skip
    db.session.add(batch)
    db.session.commit()
    return batch


def test_the_flows_that_begin_with_a_message_are_named(workspace: Workspace, line: Line) -> None:
    row, other = message(workspace, line), message(workspace, line)
    names = {flow_with(workspace, name, id): name for name, id in (("B", row.id), ("A", row.id), ("C", other.id))}
    assert [names[flow.id] for flow in outbound.used_in(workspace.id, row.id)] == ["A", "B"]


def test_a_flow_that_sends_a_message_on_its_way_is_named(workspace: Workspace, line: Line) -> None:
    row = message(workspace, line)
    code = KINDS["phone_code"].blank() | {"message": row.id}
    worlds.version(line, worlds.flow(("n1", "you_send_it", {}), ("n2", "phone_code", code), edges=(("n1", "continue", "n2"),)))
    assert [flow.name for flow in outbound.used_in(workspace.id, row.id)] == ["Flow"]


def test_sends_count_single_messages_and_batches_that_were_started(workspace: Workspace, line: Line) -> None:
    row, other = message(workspace, line), message(workspace, line)
    running, cancelled = batch_of(row, BatchStatus.RUNNING), batch_of(row, BatchStatus.CANCELLED)
    waiting = batch_of(row, BatchStatus.DRAFT, is_started=False)
    for status, batch in (
        ("read", None), ("failed", None), ("delivered", running), ("queued", running), ("queued", cancelled), ("queued", waiting),
    ):  # fmt: skip
        write(row, status, batch=batch)
    write(other, "read")
    db.session.execute(update(Message).where(Message.status.in_(("read", "delivered"))).values(answered_at=clock.now()))
    db.session.commit()

    numbers = outbound.sends(workspace.id, row.id)

    assert (numbers.messages, numbers.out, numbers.failed, numbers.queued, numbers.cancelled) == (5, 2, 1, 1, 1)
    assert (dict(numbers.funnel())["read"], numbers.answered) == (1, 2)


@pytest.mark.parametrize(
    ("status", "words"),
    [(ReviewStatus.REJECTED, "Meta rejected it"), (ReviewStatus.APPROVED, "likely to reject a second one"), (ReviewStatus.DRAFT, "")],
)
def test_a_text_that_another_message_has_is_doubted(workspace: Workspace, line: Line, status: str, words: str) -> None:
    message(workspace, line, status)
    found = outbound.doubts(workspace.id, new_id("out"), line.id, replace(READY, name="Another"))
    assert [(finding.field, finding.is_error) for finding in found] == ([("body", False)] if words else [])
    assert words in "".join(finding.text for finding in found)


@pytest.mark.parametrize("changes", [{"footer": "Other"}, {"language": "de"}, {"body": "  "}, {"category": Category.AUTHENTICATION}])
def test_a_text_of_its_own_is_not_doubted(workspace: Workspace, line: Line, changes: dict[str, str]) -> None:
    message(workspace, line, ReviewStatus.REJECTED)
    assert outbound.doubts(workspace.id, new_id("out"), line.id, replace(READY, **changes)) == ()


def test_a_message_is_no_copy_of_itself(workspace: Workspace, line: Line) -> None:
    row = message(workspace, line)
    assert outbound.doubts(workspace.id, row.id, line.id, READY) == ()
