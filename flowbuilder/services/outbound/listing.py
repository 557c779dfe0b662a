"""The list of outbound messages as people page through it: one row for all languages of a message, in any column's order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from flowbuilder.core.review import ReviewStatus
from flowbuilder.services.outbound.find import matching
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.outbound import TemplateMessage

_M = TemplateMessage
SORTS: dict[str, ColumnElement[Any]] = {
    "updated": _M.updated_at,
    "name": func.lower(_M.name),
    "status": _M.status,
    "category": _M.category,
    "kind": _M.kind,
    "language": _M.language,
    "line": func.lower(Line.name),
}
PAGE = 50


@dataclass(frozen=True, slots=True)
class Order:
    """Which column the list goes by. ``after`` is the place that a page begins behind: the column's value and the id there."""

    sort: str = "updated"
    is_falling: bool = True
    after: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """One page: a message per row, the other languages of each, and where the next page begins."""

    rows: Sequence[TemplateMessage]
    others: Mapping[str, Sequence[TemplateMessage]]
    next: tuple[str, str] | None


def listing(workspace_id: str, order: Order, *, search: str = "", filters: Mapping[str, str] | None = None, limit: int = PAGE) -> Listed:
    """Of each message the first language that fits the search stands for all of them."""
    by = SORTS.get(order.sort, _M.updated_at)
    own_first = func.min(case((_M.id == _M.group_id, ""), else_=_M.id)).label("first")
    fits = matching(workspace_id, search=search, filters=filters)
    fitting = fits.with_only_columns(_M.group_id, own_first).group_by(_M.group_id).subquery()
    first = case((fitting.c.first == "", fitting.c.group_id), else_=fitting.c.first)
    query = select(_M, by.label("by")).join(fitting, _M.id == first).join(Line, Line.id == _M.line_id)
    place = _place(order)
    if place:
        value, last_id = place
        beyond = (by < value, _M.id < last_id) if order.is_falling else (by > value, _M.id > last_id)
        query = query.where(or_(beyond[0], and_(by == value, beyond[1])))
    keys = (by.desc(), _M.id.desc()) if order.is_falling else (by, _M.id)
    found = db.session.execute(query.order_by(*keys).limit(limit + 1)).all()
    rows = [row for row, _ in found[:limit]]
    last = found[limit - 1] if len(found) > limit else None
    return Listed(rows, _others(rows), (_word(last[1]), last[0].id) if last else None)


def _others(rows: Sequence[TemplateMessage]) -> dict[str, list[TemplateMessage]]:
    groups = [row.group_id for row in rows]
    query = select(_M).where(_M.group_id.in_(groups), _M.status != ReviewStatus.DELETED).order_by(_M.created_at, _M.id)
    shown = {row.id for row in rows}
    found: dict[str, list[TemplateMessage]] = {}
    for other in db.session.scalars(query):
        if other.id not in shown:
            found.setdefault(other.group_id, []).append(other)
    return found


def _place(order: Order) -> tuple[Any, str] | None:
    """A place that can't be read is the beginning."""
    if not order.after or (order.sort in SORTS and order.sort != "updated"):
        return order.after
    try:
        moment = datetime.fromisoformat(order.after[0])
    except ValueError:
        return None
    return (moment, order.after[1]) if moment.tzinfo else None


def _word(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
