"""Opt-outs of people who were erased: kept as keyed digests of their numbers, so that no later file or batch writes to them.

The key lies outside the database; without it a digest can't be turned back by trying all numbers.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from flask import current_app
from sqlalchemy import delete, select

from flowbuilder.core.consent import OUT, Consent
from flowbuilder.core.phone import variants
from flowbuilder.core.template import Category
from flowbuilder.services.accounts import keys
from flowbuilder.services.contacts.people import Tx
from flowbuilder.store import db
from flowbuilder.store.consent import ForgottenOptOut

_AT_ONCE = 400


def keep(session: Tx, workspace_id: str, phones: Iterable[str], consent: str) -> None:
    """Note that these numbers (E.164) opted out, without keeping them."""
    if consent not in OUT:
        return
    for digest in {_digest(workspace_id, phone) for phone in phones}:
        session.merge(ForgottenOptOut(workspace_id=workspace_id, digest=digest, everything=consent == Consent.STOPPED))


def recall(session: Tx, workspace_id: str, phones: Iterable[str]) -> Consent | None:
    """What somebody with one of these numbers wanted before being erased; from now on their contact keeps it again."""
    digests = [_digest(workspace_id, phone) for phone in phones]
    mine = (ForgottenOptOut.workspace_id == workspace_id) & ForgottenOptOut.digest.in_(digests)
    found = session.scalars(select(ForgottenOptOut.everything).where(mine)).all()
    if not found:
        return None
    session.execute(delete(ForgottenOptOut).where(mine))
    return Consent.STOPPED if any(found) else Consent.OPTED_OUT


def barred(workspace_id: str, phones: Iterable[str], category: Category) -> set[str]:
    """Those of these numbers to which a message of this category may not go. Costs nothing where nobody was erased."""
    if db.session.scalar(select(ForgottenOptOut.digest).where(ForgottenOptOut.workspace_id == workspace_id).limit(1)) is None:
        return set()
    by_digest = {_digest(workspace_id, form): phone for phone in phones for form in _forms(phone)}
    digests, found = sorted(by_digest), set()
    for start in range(0, len(digests), _AT_ONCE):
        some = ForgottenOptOut.digest.in_(digests[start : start + _AT_ONCE])
        rows = db.session.execute(select(ForgottenOptOut).where(ForgottenOptOut.workspace_id == workspace_id, some)).scalars()
        found |= {by_digest[row.digest] for row in rows if row.everything or category is Category.MARKETING}
    return found


def _forms(phone: str) -> list[str]:
    return [f"+{form}" for form in variants(phone[1:])]


def _digest(workspace_id: str, phone: str) -> str:
    home: Path = current_app.extensions["flowbuilder"].home
    return hmac.digest(_key(home), f"{workspace_id} {phone}".encode(), "sha256").hex()


@lru_cache(maxsize=8)
def _key(home: Path) -> bytes:
    return keys.digest_key(home).encode()
