"""Brings a database to the tables that this version needs. Writes no rows of its own."""

from __future__ import annotations

from typing import Any

from flask import current_app

from flowbuilder.errors import Conflict, Unavailable
from flowbuilder.store import (
    accounts,
    api,
    consent,
    conversations,
    db,
    flows,
    health,
    inbound,
    installation,
    migrations,
    outbound,
    outgoing,
    repeats,
    sending,
)

TABLES = (accounts, api, consent, conversations, flows, health, inbound, installation, outbound, outgoing, repeats, sending)
"""Each area's tables have to be imported before they can be compared or made."""


def upgrade() -> bool:
    """Migrate to the newest tables; False when there was nothing to do.

    A database of a newer FlowBuilder is refused, since what it holds cannot be known here.
    """
    before = revision()
    if before == migrations.head():
        return False
    if before is not None and before not in migrations.known():
        raise Conflict(
            f"This database was made by a newer FlowBuilder (revision {before}). Install that version, or name another database."
        )
    _alembic().upgrade(directory=str(migrations.FOLDER))
    return True


def must_stand() -> None:
    """Refuse in a sentence where the tables are not those that this version works on."""
    found = revision()
    if found != migrations.head():
        stands = f"is at revision {found}, not {migrations.head()}" if found else "has no tables yet"
        raise Conflict(f"The database {stands}. Bring it up to date by: flowbuilder db upgrade")


def differences() -> list[Any]:
    """What the migrations would leave out of the tables as the code declares them; empty when they agree."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with db.engine.connect() as connection:
        return compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), db.metadata)


def write_migration(words: str) -> None:
    """For developers: write the next migration from what ``differences`` finds."""
    number = f"{len(migrations.known()) + 1:04}"
    _alembic().migrate(directory=str(migrations.FOLDER), message=words, rev_id=number)


def revision() -> str | None:
    """Where the database stands; an unreachable one is told in a sentence."""
    from sqlalchemy.exc import OperationalError

    try:
        with db.engine.connect() as connection:
            return migrations.current(connection)
    except OperationalError as error:
        raise Unavailable(f"The database does not answer ({str(error.orig).splitlines()[0]}). Check DATABASE_URL.") from error


def _alembic() -> Any:
    """Flask-Migrate, imported only when tables change: it is slow to load and big."""
    import flask_migrate

    app: Any = current_app._get_current_object()  # type: ignore[attr-defined]
    flask_migrate.Migrate(app, db, directory=str(migrations.FOLDER), render_as_batch=True, compare_type=True)
    return flask_migrate
