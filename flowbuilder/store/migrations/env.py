"""Run by Alembic: how our tables are compared and changed, the same on SQLite and PostgreSQL."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from flask import current_app

from flowbuilder.store import UtcDateTime, db


def _render(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Write our own column types as the plain types that they are stored as."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


def _run() -> None:
    options: dict[str, Any] = {**current_app.extensions["migrate"].configure_args, "render_item": _render}
    with db.engine.connect() as connection:
        # SQLite changes a table by copying it: dropping the old one must not look like deleting its rows.
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        context.configure(connection=connection, target_metadata=db.metadata, transaction_per_migration=True, **options)
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
    db.engine.dispose()


_run()
