"""Lines, to be looked at."""

from __future__ import annotations

from typing import Any

from flask import g

from flowbuilder.core.scope import Scope
from flowbuilder.services.accounts import lines as service
from flowbuilder.store.accounts import Line
from flowbuilder.web.api import bp
from flowbuilder.web.api.operation import operation
from flowbuilder.web.api.paging import moment


@bp.get("/lines")
@operation(Scope.LINES_READ, gives="LineList")
def lines() -> dict[str, Any]:
    """List your lines."""
    return {"items": [_shown(row) for row in service.of_workspace(g.workspace_id)]}


@bp.get("/lines/<line_id>")
@operation(Scope.LINES_READ, gives="Line")
def line(line_id: str) -> dict[str, Any]:
    """Read a line."""
    return _shown(service.find(g.workspace_id, line_id))


def _shown(row: Line) -> dict[str, Any]:
    return {
        "id": row.id, "name": row.name, "display_number": row.display_number, "phone_number_id": row.phone_number_id,
        "waba_id": row.waba_id, "is_simulator": row.is_simulator, "messages_per_second": row.messages_per_second,
        "quality": str(row.facts.get("quality", "")), "messaging_limit": str(row.facts.get("limit", "")),
        "paused_reason": row.paused_reason, "checked_at": moment(row.checked_at),
    }  # fmt: skip
