"""One row about the installation itself: how far its life has come, and whether it was set back by a backup."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from flowbuilder.store import Base


class Installation(Base):
    """``pulse`` only grows; the home keeps a copy of it. A database whose pulse is behind that copy comes from a backup.

    From ``held_at`` on nothing is sent; messages up to ``held_up_to`` came with the backup.
    """

    __tablename__ = "installation"

    id: Mapped[int] = mapped_column(primary_key=True)
    pulse: Mapped[int] = mapped_column(default=0)
    held_at: Mapped[datetime | None]
    held_up_to: Mapped[int | None]
