"""Secrets at rest: sealed with keys that lie outside the database, and bound to the place they belong to.

The place (workspace, row, field) is inside the sealed text, so that a ciphertext moved elsewhere does not open.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from flask import current_app

from flowbuilder.errors import Unavailable
from flowbuilder.services import transaction
from flowbuilder.services.accounts import keys
from flowbuilder.store.accounts import Line, WorkspaceSecret
from flowbuilder.store.api import IdempotencyKey
from flowbuilder.store.codes import MailServer
from flowbuilder.store.outgoing import OutgoingWebhook
from flowbuilder.store.validations import Provider

FIELDS = ("app_secret", "access_token", "verify_token")
_SEALED = (
    (Line, FIELDS), (WorkspaceSecret, ("value",)), (OutgoingWebhook, ("secret", "former_secret")), (IdempotencyKey, ("answer",)),
    (MailServer, ("password",)), (Provider, ("secret",)),
)  # fmt: skip


class Unreadable(Unavailable):
    """The key is gone, or the ciphertext was not written for this place."""

    code = "secret_unreadable"
    text = "A stored secret can't be opened with the keys of this installation. Enter it again on the page of the line."


def seal(text: str, *place: str) -> bytes:
    """Ciphertext of ``text`` that opens only for the same ``place``."""
    return _box().encrypt(json.dumps([*place, text]).encode())


def unseal(sealed: bytes, *place: str) -> str:
    try:
        *bound, text = json.loads(_box().decrypt(sealed))
    except (InvalidToken, ValueError, TypeError):
        raise Unreadable() from None
    if tuple(bound) != place:
        raise Unreadable()
    return text


def masked(secret: str) -> str:
    """What may be shown of a secret: that there is one, and its last four characters when it is long."""
    if not secret:
        return ""
    return "••••" + (secret[-4:] if len(secret) >= 12 else "")


def rotate() -> int:
    """Put a new key in front and seal everything with it; afterwards the older keys may be deleted. Says how many secrets."""
    keys.add_sealing_key(current_app.extensions["flowbuilder"].home)
    box = _box()
    count = 0
    with transaction() as session:
        for kind, fields in _SEALED:
            for row in session.query(kind):
                for field in fields:
                    if sealed := getattr(row, field):
                        setattr(row, field, box.rotate(sealed))
                        count += 1
    return count


def _box() -> MultiFernet:
    home: Path = current_app.extensions["flowbuilder"].home
    return _boxed(tuple(keys.sealing_keys(home)))


@lru_cache(maxsize=8)
def _boxed(found: tuple[bytes, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in found])
