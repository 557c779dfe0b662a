"""API tokens: shown once, kept as SHA-256 only (they have 256 random bits, so a plain hash cannot be guessed back).

A token is ``wfd_``, 43 characters of randomness and 6 of a checksum, so that scanners of secrets recognise one, and a
mistyped one is refused without asking the database.
"""

from __future__ import annotations

import hashlib
import secrets
import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update

from flowbuilder import clock
from flowbuilder.core.finding import Finding
from flowbuilder.core.scope import Scope
from flowbuilder.errors import Invalid, NotFound
from flowbuilder.services import transaction
from flowbuilder.services.accounts import audit
from flowbuilder.store import db, new_id
from flowbuilder.store.api import ApiToken

PREFIX = "wfd_"
DAYS = (7, 30, 90, 365)
DEFAULT_DAYS = 90
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_RANDOM, _CHECK = 43, 6
_USE_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whose call it is: a token that is valid now. ``user_id`` is whoever made the token, for the audit log."""

    token_id: str
    name: str
    workspace_id: str
    user_id: str | None
    scopes: frozenset[str]


def create(workspace_id: str, name: str, scopes: Collection[str], days: int, *, user_id: str) -> tuple[ApiToken, str]:
    """The token's row, and the token itself, which is not to be had again."""
    known = [scope.value for scope in Scope if scope in scopes]
    if not known:
        raise Invalid(findings=[Finding("missing", "Choose at least one thing that the token may do.", field="scopes")])
    token, now = make(), clock.now()
    row = ApiToken(
        id=new_id("tok"), workspace_id=workspace_id, name=name, token_hash=_hash(token), shown=f"{PREFIX}…{token[-4:]}", scopes=known,
        created_by=user_id, created_at=now, expires_at=now + timedelta(days=days),
    )  # fmt: skip
    with transaction() as session:
        session.add(row)
        text = f"Made the API token {name} for {days} days: {', '.join(known)}."
        audit.record(session, workspace_id, user_id, "token.created", row.id, text)
    return row, token


def of_workspace(workspace_id: str) -> Sequence[ApiToken]:
    """The newest first, those that are no longer valid at the end."""
    query = select(ApiToken).where(ApiToken.workspace_id == workspace_id)
    return db.session.scalars(query.order_by(ApiToken.revoked_at.is_not(None), ApiToken.created_at.desc(), ApiToken.id)).all()


def revoke(workspace_id: str, token_id: str, *, user_id: str) -> None:
    """From the next request on it opens nothing."""
    with transaction() as session:
        row = session.get(ApiToken, token_id)
        if row is None or row.workspace_id != workspace_id:
            raise NotFound()
        if row.revoked_at is None:
            row.revoked_at = clock.now()
            audit.record(session, workspace_id, user_id, "token.revoked", row.id, f"Revoked the API token {row.name}.")


def find(token: str) -> Bearer | None:
    """Whoever carries this token, if it is valid now. Its use is noted, to the minute."""
    if not is_well_formed(token):
        return None
    now = clock.now()
    row = db.session.scalar(select(ApiToken).where(ApiToken.token_hash == _hash(token)))
    if row is None or row.revoked_at is not None or row.expires_at <= now:
        return None
    bearer = Bearer(row.id, row.name, row.workspace_id, row.created_by, frozenset(row.scopes))
    if row.last_used_at is None or row.last_used_at < now - _USE_NOTED_EVERY:
        with transaction() as session:
            session.execute(update(ApiToken).where(ApiToken.id == bearer.token_id).values(last_used_at=now))
    return bearer


def is_live(row: ApiToken) -> bool:
    return row.revoked_at is None and row.expires_at > clock.now()


def make() -> str:
    """A new token."""
    random = _base62(secrets.randbits(256), _RANDOM)
    return f"{PREFIX}{random}{_checksum(random)}"


def is_well_formed(token: str) -> bool:
    body = token.removeprefix(PREFIX)
    if len(token) != len(PREFIX) + _RANDOM + _CHECK or len(body) == len(token) or not (body.isascii() and body.isalnum()):
        return False
    return _checksum(body[:_RANDOM]) == body[_RANDOM:]


def _checksum(text: str) -> str:
    return _base62(zlib.crc32(text.encode()), _CHECK)


def _base62(number: int, width: int) -> str:
    digits = []
    for _ in range(width):
        number, digit = divmod(number, 62)
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
