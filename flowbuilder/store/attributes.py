"""Queries of contacts' attributes: of many contacts at once, and the names that a workspace uses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from flowbuilder.store import db
from flowbuilder.store.conversations import ContactAttribute

NAMES_MOST = 200
_AT_ONCE = 1000
_A = ContactAttribute.__table__.c


def of(on: Any, contact_id: str) -> dict[str, str]:
    return of_many(on, [contact_id]).get(contact_id, {})


def of_many(on: Any, contact_ids: Sequence[str], names: Sequence[str] = ()) -> dict[str, dict[str, str]]:
    """By contact, of those that have any, in the order of their names; of all names, or of these."""
    found: dict[str, dict[str, str]] = {}
    for start in range(0, len(contact_ids), _AT_ONCE):
        query = select(_A.contact_id, _A.name, _A.value).where(_A.contact_id.in_(contact_ids[start : start + _AT_ONCE]))
        query = query.where(_A.name.in_(names)) if names else query
        for contact_id, name, value in on.execute(query.order_by(_A.contact_id, _A.name)):
            found.setdefault(contact_id, {})[name] = value
    return found


def names(workspace_id: str) -> list[str]:
    """Every name that some contact has, or the first of very many: one look into the index for each, however many contacts there are."""
    mine = _A.workspace_id == workspace_id
    each = select(func.min(_A.name).label("name")).where(mine).cte(recursive=True)
    following = select(func.min(_A.name)).where(mine, _A.name > each.c.name).scalar_subquery()
    each = each.union_all(select(following).where(each.c.name.is_not(None)))
    return list(db.session.scalars(select(each.c.name).where(each.c.name.is_not(None)).limit(NAMES_MOST)))
