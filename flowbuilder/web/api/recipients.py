"""Who a batch writes to, and which rows of its file it cannot: page by page, for a million rows."""

from __future__ import annotations

from typing import Any

from flask import g

from flowbuilder.core.scope import Scope
from flowbuilder.services.sending import batches as service
from flowbuilder.store import batches, recipients
from flowbuilder.store.recipients import Filter
from flowbuilder.store.sending import BatchFault
from flowbuilder.web.api import bp, messages, paging
from flowbuilder.web.api.operation import operation


@bp.get("/batches/<batch_id>/recipients")
@operation(Scope.BATCHES_READ, query="RecipientQuery", gives="RecipientPage")
def batch_recipients(batch_id: str, query: dict[str, Any]) -> dict[str, Any]:
    """List the recipients of a batch, in the order of its file."""
    limit, after = paging.limit_of(query), paging.after(query, int)
    found = service.find(g.workspace_id, batch_id)
    wanted = Filter(query.get("status", ""), query.get("error_code"))
    rows = recipients.page(found.id, wanted, after=str(after[0]) if after else "", limit=limit + 1)
    talks = batches.conversations_of([row.id for row in rows])
    return paging.page(rows, limit, lambda row: messages.shown(row, talks), lambda row: [row.id])


@bp.get("/batches/<batch_id>/faults")
@operation(Scope.BATCHES_READ, query="PageQuery", gives="FaultPage")
def batch_faults(batch_id: str, query: dict[str, Any]) -> dict[str, Any]:
    """List the faulty cells of a batch's file."""
    limit, after = paging.limit_of(query), paging.after(query, int, int)
    found = service.find(g.workspace_id, batch_id)
    rows = batches.faults(found.id, after=(after[0], after[1]) if after else (0, 0), limit=limit + 1)
    return paging.page(rows, limit, _shown, lambda row: [row.row, row.id])


def _shown(fault: BatchFault) -> dict[str, Any]:
    return {"row": fault.row, "column": fault.field, "value": fault.value, "code": fault.code, "detail": fault.text}
