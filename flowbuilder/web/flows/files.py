"""Pictures, videos and documents that steps show: uploaded from their panel."""

from __future__ import annotations

from flask import Response, g, jsonify, request

from flowbuilder.core.media import MEGABYTE, MOST_BYTES, RULES
from flowbuilder.core.medium import Kind
from flowbuilder.errors import Invalid, NotFound
from flowbuilder.services import media
from flowbuilder.store import flows as rows
from flowbuilder.store.accounts import Role
from flowbuilder.web.flows import bp
from flowbuilder.web.policy import allow

MAX_BYTES = MOST_BYTES + MEGABYTE


@bp.post("/flows/<flow_id>/files")
@allow(Role.DESIGNER, max_bytes=MAX_BYTES)
def upload(flow_id: str) -> Response:
    """Keep the file for the workspace; the step that shows it is changed by a gesture of its own."""
    if rows.head(g.workspace_id, flow_id) is None:
        raise NotFound()
    file, kind = request.files.get("file"), request.form.get("kind", "")
    if file is None or not file.filename or kind not in RULES:
        raise Invalid("Choose a file first.")
    row = media.keep(g.workspace_id, Kind(kind), file.stream, file.filename, field="medium", user_id=g.user_id)
    return jsonify(kind=row.kind, file=row.id, name=row.name, size=row.size)
