"""One row that is written to see whether writing works."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from flowbuilder.store import Base


class Probe(Base):
    __tablename__ = "probe"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
