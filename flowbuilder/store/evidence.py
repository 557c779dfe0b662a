"""The statements that lift messages by what Meta told of them; in core SQL, many at once, for SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Row, bindparam, case, func, literal_column, null, select, update

from flowbuilder.core.delivery import DeliveryStatus, below
from flowbuilder.store.many import execute_many, make_room
from flowbuilder.store.outbox import Executor, among, is_locking, lock
from flowbuilder.store.sending import Message

_M = Message.__table__.c
_S = DeliveryStatus
_CHUNK = 400
_MOMENT = {_S.SENT: _M.sent_at, _S.DELIVERED: _M.delivered_at, _S.READ: _M.read_at}
_WELL = frozenset((_S.ACCEPTED, _S.SENT, _S.DELIVERED, _S.READ))
_LEFT = _WELL | {_S.FAILED}
_IS_TOLD = {to: f"is_{to}" for to in _MOMENT}
_FOUND = (
    _M.id,
    _M.line_id,
    _M.wamid,
    _M.status,
    _M.error_code,
    *(moment.is_not(None).label(_IS_TOLD[to]) for to, moment in _MOMENT.items()),
)
_MARK = {to: f"b_{to}" for to in _MOMENT}
_Lift = tuple[tuple[DeliveryStatus, ...], bool, bool]


class Wanted(NamedTuple):
    """The message that a status speaks of: by our own id where it came back, else by Meta's."""

    line_id: str
    id: int | None
    wamid: str


class Move(NamedTuple):
    """``is_settled``: the message has its wamid and nobody holds it any more, so neither need be written; ``has_error``: it must go."""

    id: int
    to: DeliveryStatus
    at: datetime
    wamid: str
    pricing: str = ""
    code: int | None = None
    text: str = ""
    is_settled: bool = False
    has_error: bool = True


def is_news(row: Row[Any], to: DeliveryStatus) -> bool:
    """Whether this was not told of the message before."""
    return to not in _MOMENT or not getattr(row, _IS_TOLD[to])


def is_settled(row: Row[Any]) -> bool:
    return row.wamid is not None and row.status in _LEFT


def has_error(row: Row[Any]) -> bool:
    return row.error_code is not None or row.status not in _WELL


@cache
def _lift(told: tuple[DeliveryStatus, ...], is_settled: bool, has_error: bool) -> Any:
    """Raise the status to the highest of ``told`` where it is lower, and note when each was.

    SQLite writes every index anew that has a column which is set, even to what it was: so nothing is set without need.
    """
    highest = told[-1]
    lifts = among(_M.status, below(highest))
    return (
        update(Message.__table__)
        .where(_M.id == bindparam("b_id"), ~among(_M.status, (_S.CANCELLED, _S.SKIPPED)))
        .values(
            {
                **{_MOMENT[to].name: func.coalesce(_MOMENT[to], bindparam(_MARK[to])) for to in told},
                "status": case((lifts, literal_column(f"'{highest.value}'")), else_=_M.status),
                **({"error_code": case((lifts, null()), else_=_M.error_code)} if has_error else {}),
                **({"error_text": case((lifts, _EMPTY), else_=_M.error_text)} if has_error else {}),
                "pricing": case((_M.pricing == _EMPTY, bindparam("b_pricing")), else_=_M.pricing),
                **({} if is_settled else _SETTLED),
            }
        )
    )


_EMPTY = literal_column("''")
_SETTLED = {"wamid": func.coalesce(_M.wamid, bindparam("b_wamid")), "lease_owner": null(), "lease_until": null()}
_FAIL = (
    update(Message.__table__)
    .where(_M.id == bindparam("b_id"), among(_M.status, below(_S.FAILED)))
    .values(status=_S.FAILED, failed_at=bindparam("b_at"), error_code=bindparam("b_code"), error_text=bindparam("b_text"), **_SETTLED)
)


def find(on: Executor, wanted: Sequence[Wanted]) -> list[Row[Any] | None]:
    """For each wish its message, or None. A message whose wamid is another one is not it."""
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
        statement = select(*_FOUND).where(*condition, column.in_(values[start : start + _CHUNK]), _M.direction == "out")
        rows += on.execute(statement).all()
    return rows


def apply(on: Executor, moves: Sequence[Move]) -> None:
    """Make these moves; order does not matter. Rows are locked first, in the order in which all lock them."""
    lock(on, (move.id for move in moves))
    make_room(on)
    moves = sorted(moves, key=lambda move: move.id)
    others_write = is_locking(on)  # between finding and locking, so that an error may have come
    for (told, is_settled, had_error), rows in _lifts(moves).items():
        execute_many(on, _lift(told, is_settled, had_error or others_write), rows)
    failed = [{"b_id": m.id, "b_at": m.at, "b_wamid": m.wamid, "b_code": m.code, "b_text": m.text} for m in moves if m.to is _S.FAILED]
    if failed:
        on.execute(_FAIL, failed)


def _lifts(moves: Sequence[Move]) -> Mapping[_Lift, list[dict[str, Any]]]:
    """What was told of each message, as one row for the statement that takes all of it."""
    of_message: dict[int, dict[DeliveryStatus, Move]] = {}
    for move in moves:
        if move.to in _MOMENT:
            of_message.setdefault(move.id, {}).setdefault(move.to, move)
    lifts: dict[_Lift, list[dict[str, Any]]] = {}
    for id, told in of_message.items():
        any_ = next(iter(told.values()))
        row: dict[str, Any] = {"b_id": id, "b_pricing": any_.pricing or next((move.pricing for move in told.values() if move.pricing), "")}
        for to, move in told.items():
            row[_MARK[to]] = move.at
        if not any_.is_settled:
            row["b_wamid"] = any_.wamid
        highest_last = tuple(told) if len(told) == 1 else tuple([to for to in _MOMENT if to in told])
        lifts.setdefault((highest_last, any_.is_settled, any_.has_error), []).append(row)
    return lifts


def unsettled_to(line_id: str, phones: Sequence[str]) -> Any:
    """The newest message to this person whose arrival nobody has told us of: what they quote proves it."""
    return (
        select(_M.id)
        .where(_M.line_id == line_id, _M.wamid.is_(None), _M.phone.in_(phones))
        .where(among(_M.status, (_S.SENDING, _S.UNKNOWN, _S.UNCONFIRMED)))
        .order_by(_M.id.desc())
        .limit(1)
    )
