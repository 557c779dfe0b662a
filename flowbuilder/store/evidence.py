"""The statements that lift messages by what Meta told of them; in core SQL, many at once, for SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, case, func, select, update

from flowbuilder.core.delivery import DeliveryStatus, below
from flowbuilder.store.outbox import Executor, among, lock
from flowbuilder.store.sending import Message

_M = Message.__table__.c
_S = DeliveryStatus
_CHUNK = 400
_MOMENT = {_S.SENT: _M.sent_at, _S.DELIVERED: _M.delivered_at, _S.READ: _M.read_at}


@dataclass(frozen=True, slots=True)
class Wanted:
    """The message that a status speaks of: by our own id where it came back, else by Meta's."""

    line_id: str
    id: int | None
    wamid: str


@dataclass(frozen=True, slots=True)
class Move:
    id: int
    to: DeliveryStatus
    at: datetime
    wamid: str
    pricing: str = ""
    code: int | None = None
    text: str = ""


def _lift(to: DeliveryStatus) -> Any:
    """Raise the status where ``to`` is higher, and note when; a repetition finds nothing to do."""
    moment = _MOMENT[to]
    lifts = among(_M.status, below(to))
    return (
        update(Message.__table__)
        .where(_M.id == bindparam("b_id"), moment.is_(None), ~among(_M.status, (_S.CANCELLED, _S.SKIPPED)))
        .values(
            {
                moment.name: bindparam("b_at"),
                "status": case((lifts, to.value), else_=_M.status),
                "error_code": case((lifts, None), else_=_M.error_code),
                "error_text": case((lifts, ""), else_=_M.error_text),
                "pricing": case((_M.pricing == "", bindparam("b_pricing")), else_=_M.pricing),
                **_SETTLED,
            }
        )
    )


_SETTLED = {"wamid": func.coalesce(_M.wamid, bindparam("b_wamid")), "lease_owner": None, "lease_until": None}
_LIFTS = {to: _lift(to) for to in _MOMENT}
_FAIL = (
    update(Message.__table__)
    .where(_M.id == bindparam("b_id"), among(_M.status, below(_S.FAILED)))
    .values(status=_S.FAILED, failed_at=bindparam("b_at"), error_code=bindparam("b_code"), error_text=bindparam("b_text"), **_SETTLED)
)


def find(on: Executor, wanted: Sequence[Wanted]) -> list[Row[Any] | None]:
    """For each wish its message (id, line_id, wamid), or None. A message whose wamid is another one is not it."""
    by_id = _rows(on, {each.id for each in wanted if each.id is not None}, _M.id)
    ids = {row.id: row for row in by_id}
    own = [_own(ids.get(each.id), each) if each.id is not None else None for each in wanted]
    missing: dict[str, set[str]] = {}
    for each, row in zip(wanted, own, strict=True):
        if row is None:
            missing.setdefault(each.line_id, set()).add(each.wamid)
    found = [row for line_id, wamids in missing.items() for row in _rows(on, wamids, _M.wamid, _M.line_id == line_id)]
    wamids = {(row.line_id, row.wamid): row for row in found}
    return [row or wamids.get((each.line_id, each.wamid)) for each, row in zip(wanted, own, strict=True)]


def _own(row: Row[Any] | None, wanted: Wanted) -> Row[Any] | None:
    if row is None or row.line_id != wanted.line_id or row.wamid not in (None, wanted.wamid):
        return None
    return row


def _rows(on: Executor, values: Iterable[Any], column: Any, *condition: Any) -> list[Row[Any]]:
    values, rows = sorted(values), []
    for start in range(0, len(values), _CHUNK):
        statement = select(_M.id, _M.line_id, _M.wamid).where(*condition, column.in_(values[start : start + _CHUNK]), _M.direction == "out")
        rows += on.execute(statement).all()
    return rows


def apply(on: Executor, moves: Sequence[Move]) -> None:
    """Make these moves; order does not matter. Rows are locked first, in the order in which all lock them."""
    lock(on, (move.id for move in moves))
    moves = sorted(moves, key=lambda move: move.id)
    for to, statement in _LIFTS.items():
        rows = [{"b_id": m.id, "b_at": m.at, "b_wamid": m.wamid, "b_pricing": m.pricing} for m in moves if m.to is to]
        if rows:
            on.execute(statement, rows)
    failed = [{"b_id": m.id, "b_at": m.at, "b_wamid": m.wamid, "b_code": m.code, "b_text": m.text} for m in moves if m.to is _S.FAILED]
    if failed:
        on.execute(_FAIL, failed)


def unsettled_to(line_id: str, phones: Sequence[str]) -> Any:
    """The newest message to this person whose arrival nobody has told us of: what they quote proves it."""
    return (
        select(_M.id)
        .where(_M.line_id == line_id, _M.wamid.is_(None), _M.phone.in_(phones))
        .where(among(_M.status, (_S.SENDING, _S.UNKNOWN, _S.UNCONFIRMED)))
        .order_by(_M.id.desc())
        .limit(1)
    )
