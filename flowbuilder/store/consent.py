"""Who wants to hear from us: every change ever made, and the numbers to which nothing may be sent.

``contact.consent`` is the state of a person; the rows of ``opt_out`` are the same by number, for whoever claims messages.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, case, delete, func, insert, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from flowbuilder.core.consent import OUT, Consent
from flowbuilder.core.delivery import DeliveryStatus
from flowbuilder.core.template import Category
from flowbuilder.store import Base, db
from flowbuilder.store.accounts import Workspace
from flowbuilder.store.conversations import Contact
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.store.sending import Batch, Message


class ConsentEvent(Base):
    """One change of a person's consent, with its proof: when, how we learned of it, in which words, by whom. Only ever added to.

    ``contact_id`` is empty for the confirmation by which a batch was started: it holds for all of its recipients.
    """

    __tablename__ = "consent_event"
    __table_args__ = (
        Index("ix_consent_event_contact_id_id", "contact_id", "id"),
        Index("ix_consent_event_batch_id", "batch_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspace.id"))
    contact_id: Mapped[str | None] = mapped_column(ForeignKey("contact.id"))
    batch_id: Mapped[str | None] = mapped_column(ForeignKey("batch.id"))
    user_id: Mapped[str | None] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime]
    consent: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(String(500), default="")


class OptOut(Base):
    """A number to which no promotion may be sent; ``everything``: nothing at all. One row per form that the number may take."""

    __tablename__ = "opt_out"

    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    phone: Mapped[str] = mapped_column(String(20), primary_key=True)
    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id"), index=True)
    everything: Mapped[bool] = mapped_column(default=False)


class ForgottenOptOut(Base):
    """The same of a person who was erased: only a keyed digest of the number is left, by which it is known again."""

    __tablename__ = "forgotten_opt_out"

    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspace.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    everything: Mapped[bool] = mapped_column(default=False)


class ContactImport(Base):
    """A file of contacts: reading, then draft (or unreadable), running, finished. ``first`` and ``faults`` are for the preview.
    ``others`` are the headers of which nothing is taken, ``kept`` those that somebody wants as attributes.

    ``done_rows`` is how far a run came; its slice and this are one transaction.
    """

    __tablename__ = "contact_import"
    __table_args__ = (Index("ix_contact_import_workspace_id_created_at", "workspace_id", "created_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspace.id"))
    status: Mapped[str] = mapped_column(String(16), index=True)
    file_name: Mapped[str] = mapped_column(String(255))
    rows: Mapped[int] = mapped_column(default=0)
    faulty: Mapped[int] = mapped_column(default=0)
    done_rows: Mapped[int] = mapped_column(default=0)
    columns: Mapped[dict[str, Any]] = mapped_column(default=dict)
    others: Mapped[list[Any]] = mapped_column(default=list)
    kept: Mapped[list[Any]] = mapped_column(default=list)
    faults: Mapped[list[Any]] = mapped_column(default=list)
    first: Mapped[list[Any]] = mapped_column(default=list)
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    because: Mapped[str] = mapped_column(String(255), default="")
    lease_owner: Mapped[str | None] = mapped_column(String(120))
    lease_until: Mapped[datetime | None]
    created_by: Mapped[str | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


REASON = "This person opted out: nothing was sent."
_BATCHES_ASKED = 100
_M = Message.__table__.c
_O = OptOut.__table__.c
_C = Contact.__table__.c


def barred(is_marketing: Any, needs_opt_in: Any) -> Any:
    """Whether consent keeps this message from being sent: one look into the few numbers that opted out."""
    same = (_O.workspace_id == _M.workspace_id) & (_O.phone == _M.phone)
    is_out = select(_O.phone).where(same, or_(_O.everything, is_marketing)).correlate(Message.__table__).exists()
    known = (_C.workspace_id == _M.workspace_id) & (_C.phone == _M.phone) & (_C.consent == Consent.OPTED_IN)
    is_in = select(_C.id).where(known).correlate(Message.__table__).exists()
    return or_(is_out, is_marketing & needs_opt_in & ~is_in)


def is_marketing(template_id: Any) -> Any:
    """Whether the outbound message ``template_id`` is promotional, as Meta has it."""
    template = TemplateMessage.__table__.c
    return select(template.id).where(template.id == template_id, template.category == Category.MARKETING).exists()


def needs_opt_in(workspace_id: Any) -> Any:
    return select(Workspace.id).where(Workspace.id == workspace_id, Workspace.needs_opt_in).exists()


def of_batch(batch: Batch) -> Any:
    """The condition on messages under which those of ``batch`` are kept back."""
    marketing = is_marketing(batch.template_id).correlate(None)
    return barred(marketing, needs_opt_in(batch.workspace_id).correlate(None))


def opted_out(workspace_id: str, batch_id: str, limit: int = 50) -> tuple[int, Sequence[Message]]:
    """How many waiting recipients of a batch will be skipped because of their consent, and the first of them.

    From the side of the few who opted out, unless the workspace asks everybody for an opt-in.
    """
    batch = db.session.scalar(select(Batch).where(Batch.id == batch_id, Batch.workspace_id == workspace_id))
    if batch is None:
        return 0, ()
    waiting = (_M.batch_id == batch_id, _M.status.in_((DeliveryStatus.QUEUED, DeliveryStatus.SKIPPED)))
    if db.session.scalar(select(Workspace.needs_opt_in).where(Workspace.id == workspace_id)):
        found = select(_M.id).where(*waiting, or_(of_batch(batch), _is_skipped()))
    else:
        found = _found_by_number(batch, waiting).union(select(_M.id).where(_M.batch_id == batch_id, _is_skipped()))
    ids = found.subquery()
    count = db.session.scalar(select(func.count()).select_from(ids)) or 0
    first = select(Message).where(Message.id.in_(select(ids.c.id).order_by(ids.c.id).limit(limit)))
    return count, db.session.scalars(first.order_by(Message.id)).all()


def confirmed_by_batch(on: Any, workspace_id: str, phones: Sequence[str]) -> ConsentEvent | None:
    """The latest confirmation of an opt-in by which a batch was started that had one of these numbers."""
    lately = select(Batch.id).where(Batch.workspace_id == workspace_id, Batch.started_at.is_not(None))
    newest = lately.order_by(Batch.started_at.desc()).limit(_BATCHES_ASKED)
    batch_id = on.scalar(select(_M.batch_id).where(_M.batch_id.in_(newest), _M.phone.in_(phones)).order_by(_M.id.desc()).limit(1))
    confirmed = (ConsentEvent.batch_id == batch_id) & ConsentEvent.contact_id.is_(None) & (ConsentEvent.workspace_id == workspace_id)
    return on.scalar(select(ConsentEvent).where(confirmed).limit(1)) if batch_id else None


def unknown_recipients(on: Any, workspace_id: str, batch_id: str, *, after: str, limit: int) -> Sequence[str]:
    """The next contacts, by id, who are recipients of the batch and have said nothing yet."""
    is_recipient = select(_M.id).where(_M.batch_id == batch_id, _M.phone == _C.phone).exists()
    wanted = select(_C.id).where(_C.workspace_id == workspace_id, _C.consent == Consent.UNKNOWN, _C.id > after, is_recipient)
    return on.scalars(wanted.order_by(_C.id).limit(limit)).all()


def proof_of(event: ConsentEvent) -> dict[str, Any]:
    """What is copied from the confirmation of a batch to each of its contacts."""
    return {name: getattr(event, name) for name in ("workspace_id", "batch_id", "user_id", "at", "consent", "source", "text")}


def _is_skipped() -> Any:
    return (_M.status == DeliveryStatus.SKIPPED) & (_M.error_text == REASON)


def _found_by_number(batch: Batch, waiting: Sequence[Any]) -> Any:
    numbers = select(_O.phone).where(_O.workspace_id == batch.workspace_id, or_(_O.everything, is_marketing(batch.template_id)))
    return select(_M.id).where(*waiting, _M.phone.in_(numbers))


SKIPPED = {
    "status": case((_M.is_possible_duplicate, DeliveryStatus.UNCONFIRMED.value), else_=DeliveryStatus.SKIPPED.value),
    "error_code": None,
    "error_text": REASON,
}
"""What waited to be sent again may have arrived the first time: that stays in doubt."""


def set_numbers(on: Any, contact: Contact, phones: Iterable[str]) -> None:
    """The numbers of this person in ``opt_out``, as their consent says."""
    on.execute(delete(OptOut).where(OptOut.contact_id == contact.id))
    if contact.consent not in OUT:
        return
    phones = sorted(set(phones))
    on.execute(delete(OptOut).where(OptOut.workspace_id == contact.workspace_id, OptOut.phone.in_(phones)))
    everything = contact.consent == Consent.STOPPED
    rows = [{"workspace_id": contact.workspace_id, "phone": phone, "contact_id": contact.id, "everything": everything} for phone in phones]
    if rows:
        on.execute(insert(OptOut), rows)
