"""Signed-in browsers as rows: deleting the row signs the browser out at its next request."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, scoped_session

from flowbuilder import clock
from flowbuilder.services import transaction
from flowbuilder.store import db
from flowbuilder.store.accounts import Membership, Role, User, UserSession, Workspace

IDLE = timedelta(hours=12)
ABSOLUTE = timedelta(days=7)
_TOUCH_AFTER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who is signed in, where, and with which role; read anew at every request."""

    session_id: str
    user_id: str
    workspace_id: str
    workspace_name: str
    role: Role
    name: str
    email: str
    has_password: bool


def find(session_id: str) -> Person | None:
    """The person of a living session. Role, membership and being disabled count from the next request on."""
    row = db.session.execute(
        select(UserSession, User, Membership.role, Workspace.name)
        .join(User, User.id == UserSession.user_id)
        .join(Membership, (Membership.user_id == UserSession.user_id) & (Membership.workspace_id == UserSession.workspace_id))
        .join(Workspace, Workspace.id == UserSession.workspace_id)
        .where(UserSession.id == session_id, User.disabled_at.is_(None))
    ).one_or_none()
    if row is None:
        return None
    session, user, role, workspace_name = row
    now = clock.now()
    if now >= session.expires_at or now - session.last_seen_at >= IDLE:
        return None
    person = Person(
        session_id=session.id, user_id=user.id, workspace_id=session.workspace_id, workspace_name=workspace_name,
        role=Role(role), name=user.name, email=user.email, has_password=bool(user.password_hash),
    )  # fmt: skip
    if now - session.last_seen_at >= _TOUCH_AFTER:
        _touch(session.id, now)
    return person


def _touch(session_id: str, now: datetime) -> None:
    """Seldom, since it writes; five minutes are nothing to twelve hours."""
    with transaction() as session:
        row = session.get(UserSession, session_id)
        if row:
            row.last_seen_at = now


def begin(session: Session | scoped_session[Session], user_id: str, workspace_id: str, *, ip: str, user_agent: str) -> str:
    """Add a session to the caller's transaction; its id is the only thing that the cookie carries."""
    now = clock.now()
    row = UserSession(
        id=secrets.token_urlsafe(32), user_id=user_id, workspace_id=workspace_id, created_at=now, last_seen_at=now,
        expires_at=now + ABSOLUTE, ip=ip[:64], user_agent=user_agent[:255],
    )  # fmt: skip
    session.add(row)
    session.execute(delete(UserSession).where(UserSession.expires_at < now))
    return row.id


def rotate(session: Session | scoped_session[Session], session_id: str) -> str:
    """Another id for the same session, in the caller's transaction; the old one is worth nothing any more."""
    renewed = secrets.token_urlsafe(32)
    session.execute(update(UserSession).where(UserSession.id == session_id).values(id=renewed))
    return renewed


def end(session_id: str) -> None:
    with transaction() as session:
        session.execute(delete(UserSession).where(UserSession.id == session_id))


def end_of_user(user_id: str, session_id: str) -> None:
    """Sign out one browser of this person, if it is theirs."""
    with transaction() as session:
        session.execute(delete(UserSession).where(UserSession.id == session_id, UserSession.user_id == user_id))


def of_user(user_id: str) -> list[UserSession]:
    """The living sessions of a person, the latest first."""
    now = clock.now()
    query = select(UserSession).where(UserSession.user_id == user_id, UserSession.expires_at > now, UserSession.last_seen_at > now - IDLE)
    return list(db.session.scalars(query.order_by(UserSession.last_seen_at.desc())))
