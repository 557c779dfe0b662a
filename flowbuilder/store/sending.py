"""Batches and messages. A message is chat log, outbox and delivery record in one row."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from flowbuilder.core.filling import Filling
from flowbuilder.store import IS_UNTOLD, Base
from flowbuilder.store.accounts import Line
from flowbuilder.store.outbound import TemplateMessage

# SQLite uses such an index only for a query that has one of these terms word for word: store.outbox.is_.
_IS_MISSED = text("missed_at IS NOT NULL")
_IS_OPEN = text("status = 'queued' OR status = 'sending' OR status = 'unknown'")
_IS_FAILED = text("status = 'failed'")
_IS_WAITING = text("status = 'queued' AND batch_id IS NULL")
IS_TOLD = text("(sent_at IS NOT NULL OR delivered_at IS NOT NULL OR read_at IS NOT NULL)")
"""Of which a webhook told that it left: the same words in the index and in whoever asks."""


def _of_those_that_have(column: str, *names: str, unique: bool = False) -> Index:
    """An index without the rows whose ``column`` is empty: a million rows of a batch file then cost half as much."""
    condition = text(f"{column} IS NOT NULL")
    return Index(*names, unique=unique, sqlite_where=condition, postgresql_where=condition)


class Batch(Base):
    """A frozen plan to send one template message to many; its recipients are the messages that name it.

    ``plan`` holds what was frozen: the wire form of the template, the column of each variable, the
    flow version to start. ``door`` says through which page it came: outbound or trial. ``waits_until`` holds back
    a running batch that may go on by itself then.
    ``start_at`` is when it is to start by itself. Up to ``hold_after`` (the id of a message) it sends before it waits for
    a person's word. It stops when ``stop_at`` percent of its last tries since ``running_since`` failed. ``retry_of`` is the batch
    whose failed rows it sends to again.
    """

    __tablename__ = "batch"
    __table_args__ = (
        Index("ix_batch_workspace_id_created_at", "workspace_id", "created_at"),
        Index("ix_batch_status", "status"),
        Index("ix_batch_untold", "id", sqlite_where=IS_UNTOLD, postgresql_where=IS_UNTOLD),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspace.id"))
    line_id: Mapped[str] = mapped_column(ForeignKey("line.id"))
    template_id: Mapped[str] = mapped_column(ForeignKey("template_message.id"))
    version_id: Mapped[str | None] = mapped_column(ForeignKey("flow_version.id"))
    door: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(16))
    told: Mapped[str] = mapped_column(String(16), default="", server_default="")
    plan: Mapped[dict[str, Any]] = mapped_column(default=dict)
    file_name: Mapped[str] = mapped_column(String(255), default="")
    file_digest: Mapped[str] = mapped_column(String(64), default="")
    rows: Mapped[int] = mapped_column(default=0)
    faulty: Mapped[int] = mapped_column(default=0)
    stopped_because: Mapped[str] = mapped_column(String(255), default="")
    waits_because: Mapped[str] = mapped_column(String(255), default="")
    waits_until: Mapped[datetime | None]
    lease_owner: Mapped[str | None] = mapped_column(String(120))
    lease_until: Mapped[datetime | None]
    retry_of: Mapped[str | None] = mapped_column(ForeignKey("batch.id"), index=True)
    hold_after: Mapped[int | None]
    stop_at: Mapped[int] = mapped_column(default=0)
    start_at: Mapped[datetime | None]
    created_by: Mapped[str | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    running_since: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    opt_ins_noted_at: Mapped[datetime | None]
    template: Mapped[TemplateMessage] = relationship()
    line: Mapped[Line] = relationship()

    @property
    def is_linked(self) -> bool:
        """Whether each row says by a link what stands at the head of its message."""
        return bool(self.plan.get("is_linked"))

    @property
    def filling(self) -> Filling:
        """What its flow fills in where a row has no value, as it was when the file was uploaded."""
        return Filling.of(self.plan.get("filling") or {})


class BatchFault(Base):
    """One faulty cell of a batch file: row (as people count, header is 1), column, reason in words.

    ``cells`` are the needed cells of its whole row (country, phone, then each variable): what mending one cell judges again.
    ``place`` is the position of the faulty one among them.
    """

    __tablename__ = "batch_fault"
    __table_args__ = (Index("ix_batch_fault_batch_id_row", "batch_id", "row"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[str] = mapped_column(ForeignKey("batch.id"))
    row: Mapped[int]
    field: Mapped[str] = mapped_column(String(120))
    code: Mapped[str] = mapped_column(String(40))
    value: Mapped[str] = mapped_column(String(500), default="")
    text: Mapped[str] = mapped_column(String(500))
    cells: Mapped[list[Any]] = mapped_column(default=list)
    place: Mapped[int | None]


class Message(Base):
    """One thing said, in or out.

    ``status`` is ``core.delivery.DeliveryStatus``; only the moves of that table are ever made. The id goes out as
    biz_opaque_callback_data. ``content`` is what was said, as JSON (``core.message``); for a row of a batch it is
    only the parameters, since the text is the batch's. ``number`` is the row of the file (header is 1).
    ``client_key`` makes one wish one message however often it is sent to us. ``pricing`` is the category that Meta
    charges; ``missed_at`` is when something came in that was too old to be answered, until a person takes care of it;
    ``is_possible_duplicate`` marks what was sent again although the first try may have arrived.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("batch_id", "phone"),
        _of_those_that_have("client_key", "uq_message_workspace_id_client_key", "workspace_id", "client_key", unique=True),
        _of_those_that_have("wamid", "uq_message_line_id_wamid", "line_id", "wamid", unique=True),
        Index("ix_message_batch_id_status_id", "batch_id", "status", "id"),
        Index("ix_message_failed", "batch_id", "error_code", "id", sqlite_where=_IS_FAILED, postgresql_where=_IS_FAILED),
        _of_those_that_have("conversation_id", "ix_message_conversation_id_id", "conversation_id", "id"),
        _of_those_that_have("contact_id", "ix_message_contact_id_id", "contact_id", "id"),
        Index("ix_message_waiting", "id", sqlite_where=_IS_WAITING, postgresql_where=_IS_WAITING),
        _of_those_that_have("sending_at", "ix_message_line_id_sending_at", "line_id", "sending_at"),
        Index("ix_message_told", "line_id", "direction", "sending_at", sqlite_where=IS_TOLD, postgresql_where=IS_TOLD),
        Index(
            "ix_message_open",
            "status",
            "lease_until",
            sqlite_where=_IS_OPEN,
            postgresql_where=_IS_OPEN,
        ),
        Index(
            "ix_message_answered",
            "batch_id",
            sqlite_where=text("answered_at is not null"),
            postgresql_where=text("answered_at is not null"),
        ),
        Index("ix_message_missed", "workspace_id", "missed_at", sqlite_where=_IS_MISSED, postgresql_where=_IS_MISSED),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspace.id"))
    line_id: Mapped[str] = mapped_column(ForeignKey("line.id"))
    direction: Mapped[str] = mapped_column(String(3))
    kind: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(16))
    phone: Mapped[str | None] = mapped_column(String(20))
    contact_id: Mapped[str | None] = mapped_column(ForeignKey("contact.id"))
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversation.id"))
    batch_id: Mapped[str | None] = mapped_column(ForeignKey("batch.id"))
    template_id: Mapped[str | None] = mapped_column(ForeignKey("template_message.id"))
    version_id: Mapped[str | None] = mapped_column(ForeignKey("flow_version.id"))
    number: Mapped[int | None]
    client_key: Mapped[str | None] = mapped_column(String(80))
    content: Mapped[dict[str, Any]]
    wamid: Mapped[str | None] = mapped_column(String(255))
    attempt: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None]
    lease_owner: Mapped[str | None] = mapped_column(String(120))
    lease_until: Mapped[datetime | None]
    error_code: Mapped[int | None]
    error_text: Mapped[str] = mapped_column(Text, default="")
    pricing: Mapped[str] = mapped_column(String(40), default="", server_default="")
    is_trial: Mapped[bool] = mapped_column(default=False)
    is_possible_duplicate: Mapped[bool] = mapped_column(default=False)
    created_by: Mapped[str | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime]
    sending_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    missed_at: Mapped[datetime | None]
