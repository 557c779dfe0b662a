"""Batches: read from a file, mended, started once, paused, cancelled; their numbers always add up to the rows of the file."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from flowbuilder import clock
from flowbuilder.core.batch import BatchStatus
from flowbuilder.errors import Conflict, Invalid, NotFound
from flowbuilder.services import transaction
from flowbuilder.services.sending import batches, mending, pump, reading, starting
from flowbuilder.services.sending.doors import Door
from flowbuilder.store import batches as queries
from flowbuilder.store import db, new_id, recipients
from flowbuilder.store.accounts import TestPhone, User
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.store.recipients import Filter
from flowbuilder.store.sending import Batch, BatchFault, Message

FILES = Path(__file__).parent.parent / "data" / "recipients"
CONTENT = {
    "name": "Order ready", "category": "UTILITY", "language": "en_US", "kind": "TEXT", "conversation": "NOTIFICATION",
    "body": "Hi {{first_name}}, your order {{order_number}} is ready.",
    "variables": [{"name": "first_name", "example": "Ann"}, {"name": "order_number", "example": "A-17"}],
}  # fmt: skip


@pytest.fixture
def user(workspace) -> str:
    return db.session.scalar(select(User.id).where(User.email == "tester@acme.example"))


@pytest.fixture
def template(workspace, line) -> TemplateMessage:
    row = TemplateMessage(
        id=new_id("out"), workspace_id=workspace.id, line_id=line.id, name="Order ready", wire_name="order_ready", language="en_US",
        category="UTILITY", kind="TEXT", conversation="NOTIFICATION", content=CONTENT, status="approved",
        created_at=clock.now(), updated_at=clock.now(),
    )  # fmt: skip
    db.session.add(row)
    db.session.commit()
    return row


@pytest.fixture
def upload(workspace, template, user):
    def of(name: str = "recipients_2000.csv", *, door: Door = Door.OUTBOUND, content: bytes | None = None, read: bool = True) -> Batch:
        content = (FILES / name).read_bytes() if content is None else content
        batch = batches.create(workspace.id, template.id, door, flow_id=None, file=io.BytesIO(content), file_name=name, user_id=user)
        if read:
            reading.run(batch.id)
        return db.session.get(Batch, batch.id, populate_existing=True)

    return of


@pytest.fixture
def rung(monkeypatch) -> list[str]:
    calls: list[str] = []
    monkeypatch.setattr(pump, "ring_batch", calls.append)
    return calls


def _numbers(batch: Batch):
    return queries.numbers(db.session.get(Batch, batch.id, populate_existing=True))


def _set(batch: Batch, status: str, count: int) -> None:
    ids = db.session.scalars(select(Message.id).where(Message.batch_id == batch.id, Message.status == "queued").limit(count)).all()
    with transaction() as session:
        session.execute(update(Message).where(Message.id.in_(ids)).values(status=status))


def test_two_thousand_rows_become_messages_and_forty_faults(upload):
    batch = upload()
    assert (batch.status, batch.rows, batch.faulty) == ("draft", 2000, 40)
    first = db.session.scalars(select(Message).where(Message.batch_id == batch.id).order_by(Message.id).limit(1)).one()
    assert first.content == {"parameters": {"first_name": "Ann", "order_number": "A-1000; express"}}
    assert (first.number, first.status, first.direction, first.kind) == (2, "queued", "out", "template")
    assert len(queries.fault_kinds(batch.id)) == 8
    assert _numbers(batch).rows == 2000


def test_reading_the_same_file_again_doubles_nothing(upload):
    batch = upload()
    with transaction() as session:
        session.execute(update(Batch).where(Batch.id == batch.id).values(status="reading", lease_until=None))
    reading.run(batch.id)
    assert db.session.scalar(select(func.count()).select_from(Message)) == 1960
    assert _numbers(batch).rows == 2000


def test_a_file_that_is_being_read_is_not_read_twice_at_once(upload):
    from datetime import timedelta

    batch = upload(read=False)
    with transaction() as session:
        session.execute(
            update(Batch).where(Batch.id == batch.id).values(lease_owner="other", lease_until=clock.now() + timedelta(seconds=9))
        )
    reading.run(batch.id)
    assert db.session.scalar(select(func.count()).select_from(Message)) == 0


def test_an_unreadable_file_says_why_and_keeps_its_headers(upload):
    batch = upload("missing_column.csv")
    assert batch.status == "unreadable"
    assert "“first_name”" in batch.stopped_because
    assert batch.plan["headers"] == ["Country code", "Phone number", "Vorname", "order_number"]


def test_columns_matched_by_hand_are_read_again(upload, workspace, user):
    batch = upload("missing_column.csv")
    batches.match_columns(workspace.id, batch.id, {"first_name": "Vorname"}, user_id=user)
    reading.run(batch.id)
    batch = db.session.get(Batch, batch.id, populate_existing=True)
    assert (batch.status, batch.rows, batch.faulty) == ("draft", 1, 0)


def test_a_file_that_kills_its_reader_is_unreadable_and_nothing_else_dies(upload, monkeypatch):
    monkeypatch.setattr(reading.sys, "executable", "/bin/false")
    assert upload().status == "unreadable"


def test_a_mended_cell_makes_its_row_a_recipient(upload, workspace):
    batch = upload()
    fault = db.session.scalars(select(BatchFault).where(BatchFault.code == "value_missing").order_by(BatchFault.row)).first()
    row = fault.row
    assert mending.mend(workspace.id, batch.id, fault.id, "Ann", user_id=None) is True
    numbers = _numbers(batch)
    assert (numbers.queued, numbers.faulty, numbers.rows) == (1961, 39, 2000)
    assert db.session.scalar(select(Message.number).where(Message.batch_id == batch.id).order_by(Message.id.desc()).limit(1)) == row


def test_a_cell_that_is_still_wrong_is_told_so_and_keeps_the_new_value(upload, workspace):
    batch = upload()
    fault = db.session.scalars(select(BatchFault).where(BatchFault.code == "phone_impossible")).first()
    row = fault.row
    with pytest.raises(Invalid) as caught:
        mending.mend(workspace.id, batch.id, fault.id, "12", user_id=None)
    assert caught.value.findings[0].code == "still_faulty"
    kept = db.session.scalars(select(BatchFault).where(BatchFault.row == row)).one()
    assert (kept.value, kept.code) == ("12", "phone_too_short")
    assert _numbers(batch).rows == 2000


def test_a_number_that_is_there_already_cannot_be_mended_in(upload, workspace):
    batch = upload()
    fault = db.session.scalars(select(BatchFault).where(BatchFault.code == "duplicate")).first()
    with pytest.raises(Invalid, match="already in row"):
        mending.mend(workspace.id, batch.id, fault.id, fault.value, user_id=None)
    assert _numbers(batch).faulty == 40


def test_a_batch_is_started_once_and_the_second_is_told_by_whom(upload, workspace, user, rung):
    batch = upload()
    starting.start(workspace.id, batch.id, opted_in=True, again=False, user_id=user)
    with pytest.raises(Conflict, match="started already by Tester at"):
        starting.start(workspace.id, batch.id, opted_in=True, again=False, user_id=user)
    assert rung == [batch.id]
    assert not batches.path_of(batch.id).exists()
    assert db.session.get(Batch, batch.id).plan["template"]["wire_name"] == "order_ready"


def test_a_batch_needs_the_consent_of_its_people(upload, workspace, user, rung):
    batch = upload()
    with pytest.raises(Invalid) as caught:
        starting.start(workspace.id, batch.id, opted_in=False, again=False, user_id=user)
    assert [finding.field for finding in caught.value.findings] == ["opt_in"]
    assert rung == []


def test_the_same_file_again_asks_for_confirmation(upload, workspace, user, rung):
    first, second = upload(), upload()
    starting.start(workspace.id, first.id, opted_in=True, again=False, user_id=user)
    with pytest.raises(Invalid) as caught:
        starting.start(workspace.id, second.id, opted_in=True, again=False, user_id=user)
    assert [finding.field for finding in caught.value.findings] == ["again"]
    starting.start(workspace.id, second.id, opted_in=True, again=True, user_id=user)
    assert rung == [first.id, second.id]


def test_a_message_that_is_not_approved_any_more_is_not_sent(upload, workspace, user, rung, template):
    batch = upload()
    with transaction() as session:
        session.execute(update(TemplateMessage).values(status="paused"))
    with pytest.raises(Conflict, match="not approved"):
        starting.start(workspace.id, batch.id, opted_in=True, again=False, user_id=user)
    assert db.session.get(Batch, batch.id, populate_existing=True).status == "draft"


def test_pause_and_resume_follow_each_other(upload, workspace, user, rung):
    batch = upload()
    starting.start(workspace.id, batch.id, opted_in=True, again=False, user_id=user)
    batches.pause(workspace.id, batch.id, user_id=user)
    with pytest.raises(Conflict, match="paused already"):
        batches.pause(workspace.id, batch.id, user_id=user)
    batches.resume(workspace.id, batch.id, user_id=user)
    assert db.session.get(Batch, batch.id, populate_existing=True).status == BatchStatus.RUNNING
    assert len(rung) == 2


def test_a_cancelled_batch_leaves_out_who_was_waiting_and_the_numbers_add_up(upload, workspace, user, rung):
    batch = upload()
    starting.start(workspace.id, batch.id, opted_in=True, again=False, user_id=user)
    for status, count in (("delivered", 700), ("failed", 20), ("unconfirmed", 3), ("sending", 5)):
        _set(batch, status, count)
    batches.cancel(workspace.id, batch.id, user_id=user)
    numbers = _numbers(batch)
    assert (numbers.cancelled, numbers.queued, numbers.delivered, numbers.failed, numbers.unconfirmed, numbers.sending) == (
        1232, 0, 700, 20, 3, 5,
    )  # fmt: skip
    assert numbers.rows == batch.rows == 2000
    assert db.session.scalar(select(func.count()).where(Message.status == "queued")) == 0
    with pytest.raises(Conflict):
        batches.resume(workspace.id, batch.id, user_id=user)


def test_rows_of_a_cancelled_batch_count_as_cancelled_before_they_are_marked(upload, workspace, user, rung, monkeypatch):
    batch = upload()
    monkeypatch.setattr(batches, "cancel_rows", lambda _id, slices: True)
    batches.cancel(workspace.id, batch.id, user_id=user)
    assert (_numbers(batch).cancelled, _numbers(batch).queued) == (1960, 0)


def test_another_workspace_finds_no_batch(upload, user):
    batch = upload()
    with pytest.raises(NotFound):
        batches.pause("wsp_other", batch.id, user_id=user)


def test_a_trial_on_a_real_line_reaches_testers_only(upload, workspace, line):
    line.is_simulator = False
    db.session.add(TestPhone(workspace_id=workspace.id, phone="+4915123456789"))
    db.session.commit()
    batch = upload("utf8_bom_semicolon.csv", door=Door.TRIAL)
    assert (batch.rows, batch.faulty) == (3, 2)
    assert {code for code, _count in queries.fault_kinds(batch.id)} == {"not_a_tester"}


def test_recipients_come_page_by_page_each_once(upload):
    batch = upload()
    _set(batch, "read", 300)
    seen: list[int] = []
    while page := recipients.page(batch.id, Filter(), after=str(seen[-1]) if seen else "", limit=400):
        seen += [message.id for message in page]
    assert len(seen) == len(set(seen)) == 1960
    assert seen == sorted(seen)
    assert len(recipients.page(batch.id, Filter("read"), limit=1000)) == 300


def test_an_upload_beyond_the_limit_is_refused_and_not_kept(upload, app, monkeypatch):
    monkeypatch.setattr(batches, "BYTES_AT_MOST", 1000)
    with pytest.raises(Invalid, match="split it"):
        upload()
    assert list(batches.path_of("x").parent.iterdir()) == []


def test_a_sheet_that_claims_seventeen_billion_cells_ends_its_reader_alone(upload):
    from tests.data.recipients.generate import MAIN, workbook

    cells = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    lying = workbook([("S", "visible", f'<worksheet xmlns="{MAIN}"><sheetData>{cells}</sheetData></worksheet>')])
    batch = upload("lying.xlsx", content=lying)
    assert batch.status == "unreadable"
    assert batch.stopped_because.endswith(".")
    assert db.session.scalar(select(func.count()).select_from(Message)) == 0
