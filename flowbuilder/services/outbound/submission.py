"""Send to revision, once. The wish is written down before Meta is called, and what Meta said after it; an answer that
got lost is never guessed at but asked for, by the name that only this message has.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from flowbuilder import clock
from flowbuilder.core.finding import Finding
from flowbuilder.core.lint import lint
from flowbuilder.core.medium import Medium
from flowbuilder.core.review import ReviewStatus, Said, ask_at, status_for
from flowbuilder.core.template import TemplateContent
from flowbuilder.errors import Conflict, FlowBuilderError, Invalid, Unavailable
from flowbuilder.services import media, transaction
from flowbuilder.services.accounts import audit, lines
from flowbuilder.services.outbound import codes, record
from flowbuilder.services.outbound.find import find
from flowbuilder.services.outbound.refusals import findings_for
from flowbuilder.store import db
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.whatsapp import payloads
from flowbuilder.whatsapp.errors import CloudError, MaybeSent, NotSent, Verdict, WireError

ONLY_ONCE = "This message has been submitted already, and each message is reviewed only once. Duplicate it to submit another."
_LOST = "Meta's answer got lost on its way. Meta is being asked whether the message arrived; nothing is submitted twice."


def submit(workspace_id: str, template_id: str, user_id: str | None) -> TemplateMessage:
    """Have Meta review this message. Raises Conflict the second time, Invalid with findings when a rule is broken."""
    sample, handle = _uploaded_sample(workspace_id, template_id)
    row, content = _claim(workspace_id, template_id, user_id)
    try:
        if content.sample != sample:
            raise Conflict("The sample was changed while it was being submitted. Submit the message again.")
        meta = lines.client(row.line)
        answer = meta.create_template(payloads.create(content, row.wire_name, handle))
    except (MaybeSent, CloudError) as error:
        if isinstance(error, CloudError) and error.verdict is not Verdict.UNKNOWN and error.subcode != 2388024:
            raise _refused(row, error) from error
        return _lost(row)
    except NotSent as error:
        _back_to_draft(row, error.text)
        raise Unavailable(f"{error.text} The message is still a draft.") from error
    except FlowBuilderError as error:
        _back_to_draft(row, error.text)
        raise
    return _taken(row, answer)


def settle(row: TemplateMessage) -> TemplateMessage:
    """Find out what became of a submission whose answer is missing; Meta's list tells."""
    try:
        answer = lines.client(row.line).find_template(row.wire_name, row.language)
    except WireError:
        return row
    if answer is None:
        _back_to_draft(row, "The submission did not arrive at Meta. Submit the message again.")
        return row
    return _taken(row, answer)


def _uploaded_sample(workspace_id: str, template_id: str) -> tuple[Medium | None, str]:
    """The sample and its handle at Meta. It is uploaded before the message is claimed: an upload may take minutes, and harms nobody
    when it was in vain."""
    row = find(workspace_id, template_id)
    sample = TemplateContent.from_json(row.content).settled().sample
    if row.status != ReviewStatus.DRAFT or sample is None:
        return sample, ""
    _refuse_faulty(TemplateContent.from_json(row.content).settled())
    try:
        return sample, media.sample_handle(row.line, sample.file)
    except CloudError as error:
        text = f"Meta did not take the sample: {error.message or error.details or error.text}"
        if error.verdict is Verdict.FAIL:
            raise Invalid(findings=[Finding("sample_refused", text, field="sample")]) from error
        raise Unavailable(f"{text} The message is still a draft.") from error
    except WireError as error:
        raise Unavailable("The sample could not be brought to Meta just now. The message is still a draft; try again.") from error


def _refuse_faulty(content: TemplateContent) -> None:
    if errors := [finding for finding in lint(content) if finding.is_error]:
        raise Invalid("The message breaks rules of WhatsApp. Correct the marked fields, then submit it again.", errors)


def _claim(workspace_id: str, template_id: str, user_id: str | None) -> tuple[TemplateMessage, TemplateContent]:
    """Of any number of simultaneous submissions exactly one gets past here."""
    now = clock.now()
    with transaction() as session:
        claimed = session.execute(
            update(TemplateMessage)
            .where(
                TemplateMessage.id == template_id,
                TemplateMessage.workspace_id == workspace_id,
                TemplateMessage.status == ReviewStatus.DRAFT,
            )
            .values(
                status=ReviewStatus.SUBMITTING, submitted_at=now, updated_at=now, asks=0, ask_at=ask_at(ReviewStatus.SUBMITTING, 0, now)
            )
        )
        row = find(workspace_id, template_id)
        if not claimed.rowcount:
            raise Conflict(ONLY_ONCE)
        session.refresh(row)
        content = codes.spoken(row.line_id, TemplateContent.from_json(row.content).settled())
        _refuse_faulty(content)
        row.wire_name = _name_at_meta(row)
        row.content = content.to_json()
        row.explanation = row.recommendation = row.reason = ""
        record.event(row, "person", "submitted", "Submitted for review.")
        audit.record(session, workspace_id, user_id, "outbound.submitted", row.id, f"Submitted {row.name} for review.")
    return row, content


def _name_at_meta(row: TemplateMessage) -> str:
    """The languages of one message share a name. One that was deleted keeps its name blocked, so its successor has its own."""
    same_line = select(TemplateMessage.wire_name).where(TemplateMessage.line_id == row.line_id, TemplateMessage.id != row.id)
    at_meta = TemplateMessage.status.not_in((ReviewStatus.DRAFT, ReviewStatus.DELETED))
    known = same_line.where(TemplateMessage.group_id == row.group_id, at_meta)
    name = db.session.scalar(known.order_by(TemplateMessage.created_at).limit(1))
    if not name:
        return row.wire_name
    is_taken = db.session.scalar(same_line.where(TemplateMessage.wire_name == name, TemplateMessage.language == row.language))
    return row.wire_name if is_taken else name


def _taken(row: TemplateMessage, answer: dict[str, Any]) -> TemplateMessage:
    """Meta has the message. A webhook may have told more already; then its word stands."""
    with transaction() as session:
        row = _locked(row.id)
        row.meta_id = row.meta_id or str(answer.get("id") or "") or None
        record.take_category(row, str(answer.get("category") or "").upper())
        word = str(answer.get("status") or "PENDING").upper()
        status = status_for(word) or ReviewStatus.PENDING
        reason = str(answer.get("rejected_reason") or "")
        said = Said(event=word if status_for(word) else "PENDING", reason="" if reason == "NONE" else reason)
        if row.status == ReviewStatus.SUBMITTING and record.hears(row, said):
            record.knows(row)
            text = "Meta is reviewing it." if status is ReviewStatus.PENDING else f"Meta decided at once: {status.replace('_', ' ')}."
            record.event(row, "meta", status.upper(), text, answer)
        session.flush()
    return row


def _lost(row: TemplateMessage) -> TemplateMessage:
    """Ask at once; when that gives nothing, the sweep goes on asking."""
    try:
        answer = lines.client(row.line).find_template(row.wire_name, row.language)
    except WireError:
        answer = None
    if answer:
        return _taken(row, answer)
    with transaction():
        row = _locked(row.id)
        if row.status == ReviewStatus.SUBMITTING:
            row.explanation = _LOST
            record.event(row, "us", "lost", _LOST)
    return row


def _refused(row: TemplateMessage, error: CloudError) -> FlowBuilderError:
    """Meta did not take it: a draft again, with Meta's words on the field that they are about."""
    findings = findings_for(error)
    _back_to_draft(row, "Meta refused it: " + " ".join(finding.text for finding in findings))
    if error.verdict is Verdict.FAIL:
        return Invalid("Meta did not take the message for review. Correct what it says, then submit it again.", findings)
    return Unavailable(f"Meta did not take the message: {error.text} The message is still a draft.")


def _back_to_draft(row: TemplateMessage, text: str) -> None:
    with transaction() as session:
        row = _locked(row.id)
        if row.status == ReviewStatus.SUBMITTING:
            row.status = ReviewStatus.DRAFT
            row.submitted_at = row.ask_at = None
            row.explanation = ""
            row.updated_at = clock.now()
            record.event(row, "us", "returned", text[:1000])
        session.flush()


def _locked(template_id: str) -> TemplateMessage:
    """The row as it is now, kept from others until the transaction ends."""
    return db.session.get_one(TemplateMessage, template_id, with_for_update=True, populate_existing=True)
