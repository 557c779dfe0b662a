"""Outbound messages page by page, for programs: in the order in which they were made, which no later change upsets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import and_, or_

from flowbuilder.services.outbound.find import matching
from flowbuilder.store import db
from flowbuilder.store.outbound import TemplateMessage


def paged(
    workspace_id: str,
    *,
    search: str = "",
    filters: Mapping[str, str] | None = None,
    after: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> Sequence[TemplateMessage]:
    """Up to ``limit``, the newest first, beyond the ``place`` of the last one seen."""
    query = matching(workspace_id, search=search, filters=filters)
    if after:
        at = after[0]
        query = query.where(or_(TemplateMessage.created_at < at, and_(TemplateMessage.created_at == at, TemplateMessage.id < after[1])))
    return db.session.scalars(query.order_by(TemplateMessage.created_at.desc(), TemplateMessage.id.desc()).limit(limit)).all()
