"""The statements by which messages are claimed and their fates recorded, in core SQL, for SQLite and PostgreSQL.

Each names the statuses that it may move, so that it does nothing when another process was faster.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, case, func, literal_column, null, select, update
from sqlalchemy.orm import Session, scoped_session

from flowbuilder.core.delivery import DeliveryStatus, below
from flowbuilder.store import consent
from flowbuilder.store.accounts import Line
from flowbuilder.store.many import execute_many
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.store.sending import Batch, Message

Executor = Connection | Session | scoped_session[Session]

_M = Message.__table__.c
_B = Batch.__table__.c
_S = DeliveryStatus
_TAKEN = (_M.id, _M.phone, _M.content, _M.attempt)
_LOCKED_AT_ONCE = 5000
_NO_HOLD = 2**62
_LET_GO = {"lease_owner": None, "lease_until": None}


def _claimed(is_barred: Any) -> dict[str, Any]:
    """Now sending, unless consent bars it: then skipped for good. What an earlier try came to is wiped: it says nothing of this one."""
    return {
        "status": case((is_barred, consent.SKIPPED["status"]), else_=_S.SENDING.value),
        "attempt": case((is_barred, _M.attempt), else_=_M.attempt + 1),
        "lease_owner": case((is_barred, None), else_=bindparam("owner")),
        "lease_until": case((is_barred, None), else_=bindparam("until", type_=_M.lease_until.type)),
        "sending_at": case((is_barred, _M.sending_at), else_=bindparam("now", type_=_M.sending_at.type)),
        "error_code": None,
        "error_text": case((is_barred, consent.SKIPPED["error_text"]), else_=""),
    }


def among(column: Any, statuses: Sequence[DeliveryStatus]) -> Any:
    """``IN`` with the words in the text of the statement, since a list of parameters can't be repeated for many rows."""
    return column.in_([literal_column(f"'{status.value}'") for status in statuses])


def is_(status: DeliveryStatus) -> Any:
    """The status as a word in the statement: only so does SQLite know that a partial index fits."""
    return _M.status == literal_column(f"'{status.value}'")


def _is_due() -> Any:
    return (_M.due_at.is_(None)) | (_M.due_at <= bindparam("now"))


def not_held(batch_id: Any) -> Any:
    """Whether a message is among those that its batch sends before it waits for a person's word; all are, where it waits for none."""
    held = select(_B.hold_after).where(_B.id == batch_id).correlate(None).scalar_subquery()
    return _M.id <= func.coalesce(held, _NO_HOLD)


_OF_BATCH = select(_B.template_id, _B.workspace_id).where(_B.id == bindparam("of_batch")).subquery("of_batch")
_BARRED_IN_BATCH = consent.barred(
    consent.is_marketing(select(_OF_BATCH.c.template_id).scalar_subquery()).correlate(None),
    consent.needs_opt_in(select(_OF_BATCH.c.workspace_id).scalar_subquery()).correlate(None),
)
_NEXT = (
    select(_M.id, _BARRED_IN_BATCH.label("is_barred"))
    .where(_M.batch_id == bindparam("of_batch"), _M.status == _S.QUEUED, _is_due(), not_held(bindparam("of_batch")))
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
    .join(Line.__table__, _B.line_id == Line.__table__.c.id)
    .where(TemplateMessage.__table__.c.status == "approved", Line.__table__.c.disabled_at.is_(None))
    .correlate(None)
    .exists()
)
_CLAIM_OF_BATCH = (
    update(Message.__table__)
    .where(_M.id == _NEXT.c.id, _M.status == _S.QUEUED, _IS_OURS)
    .values(_claimed(_NEXT.c.is_barred))
    .returning(*_TAKEN, _M.status)
)
_BARRED_ALONE = (_M.kind == "template") & consent.barred(
    consent.is_marketing(_M.template_id).correlate(Message.__table__), consent.needs_opt_in(_M.workspace_id).correlate(Message.__table__)
)
_ONE = (
    select(_M.id, _BARRED_ALONE.label("is_barred"))
    .where(_M.id == bindparam("message_id"), _M.status == _S.QUEUED, _is_due())
    .with_for_update(skip_locked=True)
    .cte("one")
)
_CLAIM_ONE = (
    update(Message.__table__).where(_M.id == _ONE.c.id, _M.status == _S.QUEUED).values(_claimed(_ONE.c.is_barred)).returning(_M.status)
)
_BATCHES_UNDER_WAY = select(_B.id).where(
    _B.workspace_id == bindparam("of_workspace"), _B.status.in_(("running", "holding", "paused", "stopped"))
)

_IS_NEWS = among(_M.status, below(_S.ACCEPTED))
"""Webhooks may be quicker than the answer: then its status stands, and why it failed."""
_ACCEPT = (
    update(Message.__table__)
    .where(_M.id == bindparam("b_id"))
    .values(
        status=case((_IS_NEWS, _S.ACCEPTED.value), else_=_M.status),
        wamid=func.coalesce(_M.wamid, bindparam("b_wamid")),
        accepted_at=func.coalesce(_M.accepted_at, bindparam("b_at")),
        error_code=case((_IS_NEWS, null()), else_=_M.error_code),
        error_text=case((_IS_NEWS, ""), else_=_M.error_text),
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

    None of a batch whose template Meta does not let us send any more, and nobody who opted out: such rows end as skipped.
    """
    rows = on.execute(_CLAIM_OF_BATCH, {"of_batch": batch_id, "owner": owner, "count": count, "now": now, "until": until}).all()
    return sorted((row for row in rows if row.status == _S.SENDING), key=lambda row: row.id)


def claim(on: Executor, message_id: int, owner: str, now: datetime, until: datetime) -> DeliveryStatus | None:
    """Take one queued, due message: now sending, or skipped because the person opted out. None: another has it, or it is not due."""
    status = on.execute(_CLAIM_ONE, {"message_id": message_id, "owner": owner, "now": now, "until": until}).scalar()
    return DeliveryStatus(status) if status else None


def skip(on: Executor, workspace_id: str, phones: Sequence[str], *, everything: bool) -> None:
    """Skip at once what waits for these numbers, singly or in a batch under way; a row that is being claimed is waited for.

    So no claim that begins after this commit can take one, on a database with many writers either.
    """
    unless = [] if everything else [consent.is_marketing(_M.template_id).correlate(Message.__table__)]
    for place in (_M.batch_id.in_(_BATCHES_UNDER_WAY), _M.batch_id.is_(None)):
        mine = (_M.workspace_id == bindparam("of_workspace"), place, _M.phone.in_(phones), _M.kind == "template", is_(_S.QUEUED), *unless)
        ids = on.execute(lock_where(*mine), {"of_workspace": workspace_id}).scalars().all()
        on.execute(update(Message.__table__).where(_M.id.in_(ids), is_(_S.QUEUED)).values(**consent.SKIPPED))


def put_off(on: Executor, message_id: int, due: datetime, text: str) -> None:
    """Let a queued message wait for what it needs beside itself."""
    on.execute(update(Message.__table__).where(_M.id == message_id, _M.status == _S.QUEUED).values(due_at=due, error_text=text))


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
            execute_many(on, statement, rows)


_STATEMENTS = {_S.ACCEPTED: _ACCEPT, _S.QUEUED: _GIVE_BACK, _S.FAILED: _FAIL, _S.UNKNOWN: _DOUBT}
_VALUES = {
    _S.ACCEPTED: {"id", "wamid", "at"},
    _S.QUEUED: {"id", "owner", "due", "uncounted", "code", "text"},
    _S.FAILED: {"id", "at", "code", "text"},
    _S.UNKNOWN: {"id", "code", "text"},
}
