"""One-time codes: made, opened for sending, compared. None is stored: a code is the keyed hash of a random seed.

So the same request always has the same code, however often it is begun, and whoever reads the database alone knows none.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Collection
from datetime import timedelta

from flask import current_app
from sqlalchemy import func, select

from flowbuilder import clock
from flowbuilder.errors import Conflict, Invalid
from flowbuilder.services import Tx, transaction
from flowbuilder.services.accounts import keys
from flowbuilder.store import db
from flowbuilder.store.codes import OneTimeCode
from flowbuilder.store.conversations import Conversation
from flowbuilder.store.requests import Request

MOST = ((timedelta(minutes=10), 5), (timedelta(days=1), 30))
"""So many codes one address, and one person, may get within such a time."""
SHOWN = "••••••"
_TOO_MANY = "Too many codes were sent lately, so no other was. It can be tried again in a while."


def noted(asked: Request) -> OneTimeCode:
    """The code that a request sends: made once. Raises Conflict when there were too many."""
    with transaction() as session:
        known = session.scalar(select(OneTimeCode).where(OneTimeCode.request_id == asked.id))
        if known is not None:
            return known
        talk, now, content = session.get_one(Conversation, asked.conversation_id), clock.now(), asked.content
        address = _digest("address", asked.workspace_id, content["to"].casefold()).hex()
        _check_pace(session, OneTimeCode.contact_id == talk.contact_id)
        _check_pace(session, OneTimeCode.workspace_id == asked.workspace_id, OneTimeCode.address == address)
        code = OneTimeCode(
            workspace_id=asked.workspace_id, contact_id=talk.contact_id, request_id=asked.id, address=address, seed=secrets.token_hex(32),
            digits=content["digits"], created_at=now, expires_at=now + timedelta(seconds=content["lifetime"]),
        )  # fmt: skip
        session.add(code)
    return code


def is_noted(asked: Request) -> bool:
    return db.session.scalar(select(OneTimeCode.id).where(OneTimeCode.request_id == asked.id)) is not None


def plain(code: OneTimeCode) -> str:
    number = int.from_bytes(_digest("code", code.seed)[:16], "big")
    return f"{number % 10**code.digits:0{code.digits}}"


def to_send(code_id: int) -> str:
    """The code for a message that is about to leave. Raises Invalid when it is too old by now."""
    code = db.session.get(OneTimeCode, code_id)
    if code is None or code.expires_at <= clock.now():
        raise Invalid("The code had lost its validity before it could be sent.")
    return plain(code)


def compare(conversation_id: str, numbers: Collection[int], typed: str) -> dict[str, bool]:
    """Whether ``typed`` is one of the codes that these requests of the conversation sent. Takes as long whichever sign differs."""
    query = select(OneTimeCode).join(Request, Request.id == OneTimeCode.request_id)
    sent = db.session.scalars(query.where(Request.conversation_id == conversation_id, Request.number.in_(numbers))).all()
    alike = [code for code in sent if hmac.compare_digest(plain(code), typed)]
    is_right = any(code.expires_at > clock.now() for code in alike)
    return {"is_right": is_right, "is_old": bool(alike) and not is_right}


def _check_pace(session: Tx, *whose: object) -> None:
    for within, most in MOST:
        query = select(func.count()).select_from(OneTimeCode).where(*whose, OneTimeCode.created_at > clock.now() - within)
        if (session.scalar(query) or 0) >= most:
            raise Conflict(_TOO_MANY)


def _digest(*parts: str) -> bytes:
    key = keys.code_key(current_app.extensions["flowbuilder"].home)
    return hmac.new(key.encode(), "\0".join(parts).encode(), hashlib.sha256).digest()
