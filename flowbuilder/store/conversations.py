"""Contacts, runs and what happened in them. Their messages are in ``store.sending``."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from flowbuilder.store import IS_UNTOLD, Base
from flowbuilder.store.flows import FlowVersion


class Contact(Base):
    """A person: matched first by Meta's user id, then by ``wa_id``; the phone may be absent.

    ``consent`` is ``core.consent.Consent`` as it stands since ``consent_at``; how it came to be is in ``store.consent``.
    """

    __tablename__ = "contact"
    __table_args__ = (
        UniqueConstraint("workspace_id", "user_id"),
        Index("ix_contact_workspace_id_wa_id", "workspace_id", "wa_id"),
        Index("ix_contact_workspace_id_phone", "workspace_id", "phone"),
        Index("ix_contact_workspace_id_created_at", "workspace_id", "created_at", "id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspace.id"))
    user_id: Mapped[str | None] = mapped_column(String(64))
    wa_id: Mapped[str | None] = mapped_column(String(32))
    phone: Mapped[str | None] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(200), default="")
    consent: Mapped[str] = mapped_column(String(16), default="unknown", server_default="unknown")
    consent_at: Mapped[datetime | None]
    last_heard_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class ContactAttribute(Base):
    """What is known of a contact beyond name and number (``core.attributes``): never empty; none is no row."""

    __tablename__ = "contact_attribute"
    __table_args__ = (Index("ix_contact_attribute_workspace_id_name", "workspace_id", "name"),)

    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspace.id"))
    value: Mapped[str] = mapped_column(Text)


class Conversation(Base):
    """One contact's way through one version: ``core.run.Run`` as a row.

    ``state`` is the run as JSON; ``turn`` counts the inputs taken and is the lock that keeps two replies of one
    person from overwriting each other. ``opened_by`` is the message whose quoted button started it.
    At ``wake_at`` the run goes on by itself.
    """

    __tablename__ = "conversation"
    __table_args__ = (
        Index("ix_conversation_workspace_id_updated_at", "workspace_id", "updated_at"),
        Index("ix_conversation_untold", "id", sqlite_where=IS_UNTOLD, postgresql_where=IS_UNTOLD),
        Index("ix_conversation_flow_id_id", "flow_id", "id"),
        Index("ix_conversation_contact_id_status", "contact_id", "status"),
        Index("ix_conversation_status_wake_at", "status", "wake_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspace.id"))
    flow_id: Mapped[str] = mapped_column(ForeignKey("flow.id"))
    version_id: Mapped[str] = mapped_column(ForeignKey("flow_version.id"))
    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id"))
    line_id: Mapped[str] = mapped_column(ForeignKey("line.id"))
    opened_by: Mapped[int | None] = mapped_column(unique=True)
    status: Mapped[str] = mapped_column(String(16))
    told: Mapped[str] = mapped_column(String(16), default="", server_default="")
    state: Mapped[dict[str, Any]]
    turn: Mapped[int] = mapped_column(default=0)
    is_trial: Mapped[bool] = mapped_column(default=False)
    started_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    wake_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    contact: Mapped[Contact] = relationship()
    version: Mapped[FlowVersion] = relationship()


class ConversationEvent(Base):
    """One ``core.events.Event`` of a conversation, in order; the path, inputs and outputs are read from here."""

    __tablename__ = "conversation_event"
    __table_args__ = (UniqueConstraint("conversation_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"))
    number: Mapped[int]
    turn: Mapped[int]
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(24))
    node: Mapped[str | None] = mapped_column(String(64))
    data: Mapped[dict[str, Any]]


class Authorization(Base):
    """What somebody answered when a flow asked for permission to use their data: who, when, and to which wording. Only ever added to.

    The wording is what the designer wrote, without values of one person, so nothing of it names anybody; ``digest`` is its SHA-256.
    """

    __tablename__ = "data_authorization"
    __table_args__ = (Index("ix_data_authorization_contact_id_id", "contact_id", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspace.id"))
    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id"))
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"), index=True)
    version_id: Mapped[str] = mapped_column(ForeignKey("flow_version.id"))
    node: Mapped[str] = mapped_column(String(64))
    answer: Mapped[str] = mapped_column(String(16))
    wording: Mapped[dict[str, Any]]
    digest: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
