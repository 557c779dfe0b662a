"""The ways in: e-mail and password, or a link that works once. Guessing is slowed down in the database,
so that neither a restart nor a second process forgets it."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session, scoped_session

from flowbuilder import clock
from flowbuilder.core.finding import Finding
from flowbuilder.errors import Invalid, NotFound, TooMany
from flowbuilder.services import transaction
from flowbuilder.services.accounts import audit, passwords, sessions
from flowbuilder.store import db
from flowbuilder.store.accounts import Membership, SigninFailure, SigninLink, User, UserSession

_PER_ACCOUNT = ((timedelta(minutes=15), 10), (timedelta(hours=1), 20))
_PER_ADDRESS = ((timedelta(minutes=15), 100),)
_FORGET_AFTER = timedelta(days=1)

WRONG = "E-mail or password is wrong. Check both; if you never chose a password, ask an administrator for a sign-in link."


def with_password(email: str, password: str, *, ip: str, user_agent: str, device: str = "") -> str:
    """The id of a new session. ``device`` names a browser that this person has used before: it has a count of
    its own, so that strangers who guess can't lock the person out."""
    email = email.strip().casefold()
    attempt = _count(f"device:{device}" if device else email, ip)
    user = db.session.scalar(select(User).where(User.email == email))
    stored = user.password_hash if user and user.disabled_at is None else ""
    if not passwords.matches(stored, password[: passwords.LONGEST]) or user is None:
        raise Invalid(WRONG)
    renewed = passwords.hashed(password) if passwords.is_outdated(stored) else ""
    with transaction() as session:
        session.execute(delete(SigninFailure).where(SigninFailure.id == attempt))
        if renewed:
            session.execute(update(User).where(User.id == user.id).values(password_hash=renewed))
        return _enter(session, user.id, ip, user_agent, "person.signed_in", "Signed in with a password.")


def _count(account: str, ip: str) -> int:
    """Note the attempt before it is judged, so that attempts at the same time count too; a right one is taken back."""
    now = clock.now()
    with transaction() as session:
        session.execute(delete(SigninFailure).where(SigninFailure.at < now - _FORGET_AFTER))
        for column, value, limits in ((SigninFailure.email, account, _PER_ACCOUNT), (SigninFailure.ip, ip, _PER_ADDRESS)):
            for window, most in limits:
                count = session.scalar(select(func.count()).where(column == value, SigninFailure.at > now - window))
                if count >= most:
                    raise TooMany("Too many wrong passwords. Wait a quarter of an hour and try again, or ask an administrator for a link.")
        row = SigninFailure(email=account[:254], ip=ip[:64], at=now)
        session.add(row)
        session.flush()
        return row.id


def issue_link(session: Session | scoped_session[Session], user_id: str, valid: timedelta) -> str:
    """A new token for this person; earlier ones that were not used end. Only its digest is kept."""
    session.execute(delete(SigninLink).where(SigninLink.user_id == user_id, SigninLink.used_at.is_(None)))
    token = secrets.token_urlsafe(32)
    session.add(SigninLink(token_hash=_digest(token), user_id=user_id, expires_at=clock.now() + valid))
    return token


def path_of_link(token: str) -> str:
    """Where the owner of ``token`` comes in, below the address of the installation."""
    return f"/signin/link/{token}"


def owner_of_link(token: str) -> User:
    """Whom the link lets in; raises NotFound when it was used or is too old."""
    row = db.session.get(SigninLink, _digest(token))
    user = db.session.get(User, row.user_id) if row and row.used_at is None and row.expires_at > clock.now() else None
    if user is None or user.disabled_at:
        raise NotFound("This sign-in link was used already or is too old. Ask for a new one; a new one is also printed at each start.")
    return user


def with_link(token: str, *, ip: str, user_agent: str) -> str:
    """The id of a new session; the link is used up."""
    user = owner_of_link(token)
    with transaction() as session:
        used = session.execute(
            update(SigninLink).where(SigninLink.token_hash == _digest(token), SigninLink.used_at.is_(None)).values(used_at=clock.now())
        )
        if used.rowcount != 1:
            raise NotFound("This sign-in link was used already. Ask for a new one.")
        return _enter(session, user.id, ip, user_agent, "person.signed_in", "Signed in with a one-time link.")


def set_password(user_id: str, session_id: str, *, current: str, new: str) -> str:
    """A first password, or another one: then the current one is asked for. The id of the session that goes on; all others end."""
    user = db.session.get(User, user_id)
    if user is None:
        raise NotFound()
    found = passwords.findings(new, user.email)
    if found:
        raise Invalid(findings=found)
    if user.password_hash:
        attempt = _count(user.email, "")
        if not passwords.matches(user.password_hash, current):
            raise Invalid(findings=[Finding("wrong_password", "This is not your current password.", field="current")])
    else:
        attempt = None
    digest = passwords.hashed(new)
    with transaction() as session:
        session.execute(delete(SigninFailure).where(SigninFailure.id == attempt))
        session.execute(update(User).where(User.id == user_id).values(password_hash=digest))
        begun = sessions.rotate(session, session_id)
        session.execute(delete(UserSession).where(UserSession.user_id == user_id, UserSession.id != begun))
        session.execute(delete(SigninLink).where(SigninLink.user_id == user_id))
        for workspace_id in session.scalars(select(Membership.workspace_id).where(Membership.user_id == user_id)):
            audit.record(session, workspace_id, user_id, "person.password_changed", user_id, "Chose a new password.")
        return begun


def _enter(session: Session | scoped_session[Session], user_id: str, ip: str, user_agent: str, verb: str, text: str) -> str:
    workspace_id = session.scalar(
        select(Membership.workspace_id).where(Membership.user_id == user_id).order_by(Membership.workspace_id).limit(1)
    )
    if workspace_id is None:
        raise Invalid("You do not belong to any workspace. Ask an administrator to invite you.")
    audit.record(session, workspace_id, user_id, verb, user_id, text)
    return sessions.begin(session, user_id, workspace_id, ip=ip, user_agent=user_agent)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
