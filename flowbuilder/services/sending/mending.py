"""Mends one faulty cell of a batch file in place: its row is judged again, and joins the recipients when nothing is wrong any more."""

from __future__ import annotations

from sqlalchemy import delete, select, update

from flowbuilder import clock
from flowbuilder.core.batch import BatchStatus
from flowbuilder.core.delivery import DeliveryStatus
from flowbuilder.core.finding import Finding
from flowbuilder.core.phone import variants
from flowbuilder.core.recipients import Recipient
from flowbuilder.core.recipients.columns import COUNTRY, PHONE
from flowbuilder.core.recipients.rows import check, text_lengths
from flowbuilder.core.template import Category, TemplateContent
from flowbuilder.errors import Conflict, Invalid, NotFound
from flowbuilder.services import transaction
from flowbuilder.services.accounts import audit
from flowbuilder.services.contacts import forgotten
from flowbuilder.services.sending import batches, doors
from flowbuilder.services.sending.doors import Door
from flowbuilder.services.sending.filling import known_of
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.consent import REASON
from flowbuilder.store.sending import Batch, BatchFault, Message


def mend(workspace_id: str, batch_id: str, fault_id: int, value: str, *, user_id: str | None) -> bool:
    """Put ``value`` into the cell; True when the row is good now. Raises Invalid with what is wrong with the new value."""
    batch = batches.find(workspace_id, batch_id)
    fault = db.session.scalar(select(BatchFault).where(BatchFault.id == fault_id, BatchFault.batch_id == batch_id))
    if fault is None:
        raise NotFound("This row has been corrected already.")
    if batch.status != BatchStatus.DRAFT:
        raise Conflict("The batch has been started: its recipients are fixed.")
    if fault.place is None:
        raise Invalid(findings=[Finding("not_here", "This row can only be corrected in the file: upload it again.", field="value")])
    cells, row, place = [*fault.cells], fault.row, fault.place
    cells[place] = value[:2000]
    found = _judge(batch, cells)
    if isinstance(found, list):
        _keep(batch_id, row, cells, found, _header(batch))
        own = next((text for at, _code, text in found if at == place), None)
        if own:
            raise Invalid(findings=[Finding("still_faulty", own, field="value")])
        return False
    _accept(batch, row, found, user_id)
    return True


def _judge(batch: Batch, cells: list[str]) -> Recipient | list[tuple[int, str, str]]:
    content = TemplateContent.from_json(batch.plan["template"]["content"])
    line = db.session.get(Line, batch.line_id)
    wanted = doors.wanted(
        content, mapping={}, allowed=doors.testers(line, Door(batch.door)), is_linked=batch.is_linked, filling=batch.filling
    )
    found = check(wanted, cells, text_lengths(wanted))
    if isinstance(found, Recipient) and (first := _already(batch.id, found.phone)):
        return [(1, "duplicate", f"The same number is already in row {first}: nobody gets the message twice.")]
    if isinstance(found, Recipient):
        known = known_of(batch.workspace_id, [found.phone], batch.filling).get(found.phone, {})
        return found._replace(parameters=batch.filling.filled(found.parameters, known))
    return found


def _already(batch_id: str, phone: str) -> int | None:
    same = [f"+{wa_id}" for wa_id in variants(phone[1:])]
    return db.session.scalar(select(Message.number).where(Message.batch_id == batch_id, Message.phone.in_(same)).limit(1))


def _header(batch: Batch) -> list[str]:
    columns = dict(batch.plan.get("columns") or {})
    content = TemplateContent.from_json(batch.plan["template"]["content"])
    names = [COUNTRY, PHONE, *doors.columns(content, is_linked=batch.is_linked)]
    return [columns.get(name, name) for name in names]


def _keep(batch_id: str, row: int, cells: list[str], found: list[tuple[int, str, str]], headers: list[str]) -> None:
    """What is still wrong with the row, in place of what was."""
    with transaction() as session:
        session.execute(delete(BatchFault).where(BatchFault.batch_id == batch_id, BatchFault.row == row))
        session.add_all(
            BatchFault(
                batch_id=batch_id, row=row, field=headers[at][:120], code=code, value=cells[at][:500], text=text, cells=cells, place=at
            )
            for at, code, text in found
        )


def _accept(batch: Batch, row: int, found: Recipient, user_id: str | None) -> None:
    is_barred = bool(forgotten.barred(batch.workspace_id, [found.phone], Category(batch.template.category)))
    with transaction() as session:
        counting = update(Batch).where(Batch.id == batch.id, Batch.status == BatchStatus.DRAFT).values(faulty=Batch.faulty - 1)
        gone = delete(BatchFault).where(BatchFault.batch_id == batch.id, BatchFault.row == row)
        if session.execute(gone).rowcount == 0:
            raise NotFound("This row has been corrected already.")
        if session.execute(counting, execution_options={"synchronize_session": False}).rowcount != 1:
            raise Conflict("The batch has been started: its recipients are fixed.")
        audit.record(session, batch.workspace_id, user_id, "batch.mended", batch.id, f"Corrected row {row}")
        session.add(
            Message(
                workspace_id=batch.workspace_id,
                line_id=batch.line_id,
                batch_id=batch.id,
                template_id=batch.template_id,
                direction="out",
                kind="template",
                status=DeliveryStatus.SKIPPED if is_barred else DeliveryStatus.QUEUED,
                error_text=REASON if is_barred else "",
                is_trial=batch.door == Door.TRIAL,
                phone=found.phone,
                number=row,
                content={"parameters": found.parameters},
                created_by=batch.created_by,
                created_at=clock.now(),
            )  # fmt: skip
        )
