"""Pictures, videos and documents: uploaded once, then named by their id in outbound messages, messages and batches."""

from __future__ import annotations

from typing import Any

from flask import g

from flowbuilder.core.finding import Finding
from flowbuilder.core.media import MEGABYTE, MOST_BYTES
from flowbuilder.core.medium import Kind, Medium
from flowbuilder.core.scope import Scope
from flowbuilder.errors import Invalid, NotFound
from flowbuilder.services import media as service
from flowbuilder.web.api import bp
from flowbuilder.web.api.operation import operation
from flowbuilder.web.api.paging import moment
from flowbuilder.web.api.repeats import Making


def _shown(media_id: str) -> dict[str, Any]:
    row = service.find(g.workspace_id, media_id)
    return {"id": row.id, "kind": row.kind, "name": row.name, "mime": row.mime, "size": row.size, "created_at": moment(row.created_at)}


@bp.post("/media")
@operation(
    Scope.MEDIA_WRITE, file="MediaUpload", gives="Media", status=201, making=Making(_shown, prefix="med"), max_bytes=MOST_BYTES + MEGABYTE
)
def media_upload(body: dict[str, Any], made: str, file: Any) -> None:
    """Upload a picture, a video or a document for the head of messages."""
    service.keep(
        g.workspace_id, Kind(body["kind"]), file.stream, file.filename or "", field="file", user_id=g.user_id, media_id=made
    )  # fmt: skip


def chosen(body: dict[str, Any], field: str) -> Medium | None:
    """The file whose id is in this field; None where none is named."""
    if not body.get(field):
        return None
    try:
        return service.as_medium(service.find(g.workspace_id, body[field]))
    except NotFound:
        text = "No file of this workspace has this ID: upload it to /api/v1/media first."
        raise Invalid(findings=[Finding("unknown", text, field=field)]) from None
