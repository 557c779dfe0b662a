"""The statements by which messages are claimed and their fates recorded, in core SQL, for SQLite and PostgreSQL.

Each names the statuses that it may move, so that it does nothing when another process was faster.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, case, func, literal_column, select, update
from sqlalchemy.orm import Session, scoped_session

from flowbuilder.core.delivery import DeliveryStatus, below
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.store.sending import Batch, Message

Executor = Connection | Session | scoped_session[Session]

_M = Message.__table__.c
_B = Batch.__table__.c
_S = DeliveryStatus
_TAKEN = (_M.id, _M.phone, _M.content, _M.attempt)
_LOCKED_AT_ONCE = 5000
_LET_GO = {"lease_owner": None, "lease_until": None}
_CLAIMED = {
    "status": _S.SENDING,
    "attempt": _M.attempt + 1,
    "lease_owner": bindparam("owner"),
    "lease_until": bindparam("until"),
    "sending_at": bindparam("now"),
    "error_code": None,
    "error_text": "",
}
"""What an earlier try came to is wiped: it says nothing of this one."""


def among(column: Any, statuses: Sequence[DeliveryStatus]) -> Any:
    """``IN`` with the words in the text of the statement, since a list of parameters can't be repeated for many rows."""
    return column.in_([literal_column(f"'{status.value}'") for status in statuses])


def is_(status: DeliveryStatus) -> Any:
    """The status as a word in the statement: only so does SQLite know that a partial index fits."""
    return _M.status == literal_column(f"'{status.value}'")


def _is_due() -> Any:
    return (_M.due_at.is_(None)) | (_M.due_at <= bindparam("now"))


_NEXT = (
    select(_M.id)
    .where(_M.batch_id == bindparam("of_batch"), _M.status == _S.QUEUED, _is_due())
    .order_by(_M.id)
    .limit(bindparam("count"))
    .with_for_update(skip_locked=True)
    .cte("next")
)
"""As a CTE: PostgreSQL would run a subselect again and again, and so claim more than ``count``."""
_IS_OURS = (
    select(_B.id)
    .join(TemplateMessage.__table__, _B.template_id == TemplateMessage.__table__.c.id)
    .where(_B.id == bindparam("of_batch"), _B.status == "running", _B.lease_owner == bindparam("owner"))
    .where(TemplateMessage.__table__.c.status == "approved")
    .correlate(None)
    .exists()
)
_CLAIM_OF_BATCH = (
    update(Message.__table__).where(_M.id.in_(select(_NEXT.c.id)), _M.status == _S.QUEUED, _IS_OURS).values(_CLAIMED).returning(*_TAKEN)
)
_CLAIM_ONE = update(Message.__table__).where(_M.id == bindparam("message_id"), _M.status == _S.QUEUED, _is_due()).values(_CLAIMED)

_ACCEPT = (
    update(Message.__table__)
    .where(_M.id == bindparam("b_id"))
    .values(
        status=case((among(_M.status, below(_S.ACCEPTED)), _S.ACCEPTED.value), else_=_M.status),
        wamid=func.coalesce(_M.wamid, bindparam("b_wamid")),
        accepted_at=func.coalesce(_M.accepted_at, bindparam("b_at")),
        error_code=None,
        error_text="",
        **_LET_GO,
    )
)
_GIVE_BACK = (
    update(Message.__table__)
    .where(_M.id == bindparam("b_id"), _M.status == _S.SENDING, _M.lease_owner == bindparam("b_owner"))
    .values(
        status=_S.QUEUED,
        due_at=bindparam("b_due"),
        attempt=_M.attempt - bindparam("b_uncounted"),
        error_code=bindparam("b_code"),
        error_text=bindparam("b_text"),
        **_LET_GO,
    )
)
_FAIL = (
    update(Message.__table__)
    .where(_M.id == bindparam("b_id"), among(_M.status, below(_S.FAILED)))
    .values(status=_S.FAILED, failed_at=bindparam("b_at"), error_code=bindparam("b_code"), error_text=bindparam("b_text"), **_LET_GO)
)
_DOUBT = (
    update(Message.__table__)
    .where(_M.id == bindparam("b_id"), _M.status == _S.SENDING)
    .values(status=_S.UNKNOWN, error_code=bindparam("b_code"), error_text=bindparam("b_text"), **_LET_GO)
)
_HELD = (is_(_S.SENDING), _M.lease_owner == bindparam("owner"))
_RENEW = update(Message.__table__).where(*_HELD).values(lease_until=bindparam("until"))


def lock(on: Executor, ids: Iterable[int]) -> None:
    """Take these rows in the order of their ids before they are written to.

    All who write to many do so; else two of them could wait for each other in a circle. SQLite has one writer at a time.
    """
    if is_locking(on):
        rows = sorted(set(ids))
        for start in range(0, len(rows), _LOCKED_AT_ONCE):
            on.execute(lock_where(_M.id.in_(rows[start : start + _LOCKED_AT_ONCE])))


def lock_where(*condition: Any) -> Any:
    return select(_M.id).where(*condition).order_by(_M.id).with_for_update()


def is_locking(on: Executor) -> bool:
    return (on if isinstance(on, Connection) else on.connection()).dialect.name != "sqlite"


def claim_of_batch(on: Executor, batch_id: str, owner: str, count: int, now: datetime, until: datetime) -> list[Row[Any]]:
    """Up to ``count`` due rows (id, phone, content, attempt), now sending, of a running batch that ``owner`` holds.

    None of a batch whose template Meta does not let us send any more.
    """
    rows = on.execute(_CLAIM_OF_BATCH, {"of_batch": batch_id, "owner": owner, "count": count, "now": now, "until": until}).all()
    return sorted(rows, key=lambda row: row.id)


def claim(on: Executor, message_id: int, owner: str, now: datetime, until: datetime) -> bool:
    """Take one queued, due message; False means that another has it or that it is not to be sent now."""
    done = on.execute(_CLAIM_ONE, {"message_id": message_id, "owner": owner, "now": now, "until": until})
    return done.rowcount == 1


def renew(on: Executor, owner: str, until: datetime) -> None:
    """Go on holding what is being sent."""
    if is_locking(on):
        on.execute(lock_where(*_HELD), {"owner": owner})
    on.execute(_RENEW, {"owner": owner, "until": until})


def record(on: Executor, fates: Sequence[Mapping[str, Any]]) -> None:
    """Write down what became of claimed messages: each mapping has ``become`` and the values of that statement."""
    lock(on, (fate["id"] for fate in fates))
    for become, statement in _STATEMENTS.items():
        rows = [{f"b_{key}": value for key, value in fate.items() if key in _VALUES[become]} for fate in fates if fate["become"] is become]
        if rows:
            on.execute(statement, rows)


_STATEMENTS = {_S.ACCEPTED: _ACCEPT, _S.QUEUED: _GIVE_BACK, _S.FAILED: _FAIL, _S.UNKNOWN: _DOUBT}
_VALUES = {
    _S.ACCEPTED: {"id", "wamid", "at"},
    _S.QUEUED: {"id", "owner", "due", "uncounted", "code", "text"},
    _S.FAILED: {"id", "at", "code", "text"},
    _S.UNKNOWN: {"id", "code", "text"},
}
