"""Which forms were sent already, so that sending one again has no second effect."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from flowbuilder.store import Base


class SentForm(Base):
    """``key`` stands for one showing of a form and all that was typed into it; ``location`` is where it led."""

    __tablename__ = "sent_form"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    location: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime] = mapped_column(index=True)
