"""Whether this installation can do its work: each condition with a reason when it does not hold."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.fernet import Fernet
from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from flowbuilder import clock, queue
from flowbuilder.config import Config
from flowbuilder.services import transaction
from flowbuilder.services.accounts.keys import sealing_keys
from flowbuilder.store import db, migrations
from flowbuilder.store.health import Probe

_WORKER_SECONDS = 30
_DISK_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Condition:
    """``problem`` says what is wrong and what to do; it is empty when all is well."""

    name: str
    problem: str = ""


def conditions() -> tuple[Condition, ...]:
    """All conditions of being ready, checked now."""
    checks: dict[str, Callable[[], str]] = {"database": _database, "tables": _tables, "worker": _worker, "disk": _disk, "keys": _keys}
    return tuple(Condition(name, check()) for name, check in checks.items())


def _database() -> str:
    moment = clock.now()
    try:
        with transaction() as session:
            session.merge(Probe(id=1, at=moment))
        db.session.expire_all()
        row = db.session.get(Probe, 1)
    except SQLAlchemyError as error:
        return f"The database does not take a row ({type(error).__name__}). Check DATABASE_URL, its server and the disk."
    finally:
        db.session.rollback()
    return "" if row is not None and row.at >= moment else "The database does not give back what was written."


def _tables() -> str:
    try:
        found = migrations.current(db.session.connection())
    except SQLAlchemyError as error:
        return f"The tables cannot be read ({type(error).__name__})."
    finally:
        db.session.rollback()
    wanted = migrations.head()
    return "" if found == wanted else f"The tables are at revision {found or 'none'}, not {wanted}. Run `flowbuilder db upgrade`."


def _worker() -> str:
    age = queue.heartbeat_age()
    if age is None:
        return "No worker has been seen. Start `flowbuilder worker`, and check that REDIS_URL is the same for it and the web app."
    return "" if age < _WORKER_SECONDS else f"The worker was last seen {age:.0f} s ago. Look into its log and start it again."


def _disk() -> str:
    usage = shutil.disk_usage(_config().home)
    share = usage.free / usage.total
    return "" if share > _DISK_SHARE else f"Only {share:.1%} of the disk is free. Make room, or move FLOWBUILDER_HOME."


def _keys() -> str:
    try:
        for key in sealing_keys(_config().home):
            Fernet(key)
    except (OSError, ValueError) as error:
        return f"The keys of this installation cannot be read ({type(error).__name__}). Put its keys/ folder back."
    return ""


def _config() -> Config:
    return current_app.extensions["flowbuilder"]
