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
from flowbuilder.store.media import MediaFile
from flowbuilder.web.api import bp, paging
from flowbuilder.web.api.operation import operation
from flowbuilder.web.api.paging import moment
from flowbuilder.web.api.repeats import Making


def _of_id(media_id: str) -> dict[str, Any]:
    return _shown(service.find(g.workspace_id, media_id))


@bp.get("/files")
@operation(Scope.FILES_READ, query="FileQuery", gives="FilePage")
def files(query: dict[str, Any]) -> dict[str, Any]:
    """List files, the newest first."""
    limit, after = paging.limit_of(query), paging.after_moment(query)
    rows = service.listing(g.workspace_id, query.get("kind", ""), before=after, limit=limit + 1)
    return paging.page(rows, limit, _shown, paging.place)


@bp.post("/files")
@operation(
    Scope.FILES_WRITE, file="FileUpload", gives="File", status=201, making=Making(_of_id, prefix="med"), max_bytes=MOST_BYTES + MEGABYTE
)
def file_upload(body: dict[str, Any], made: str, file: Any) -> None:
    """Upload a picture, a video or a document for the head of messages."""
    service.keep(
        g.workspace_id, Kind(body["kind"]), file.stream, file.filename or "", field="file", user_id=g.user_id, media_id=made
    )  # fmt: skip


@bp.get("/files/<media_id>")
@operation(Scope.FILES_READ, gives="File")
def file(media_id: str) -> dict[str, Any]:
    """Read what is known of a file."""
    return _of_id(media_id)


@bp.delete("/files/<media_id>")
@operation(Scope.FILES_WRITE, status=204)
def file_delete(media_id: str) -> None:
    """Delete a file that no outbound message, no batch and no message shows."""
    service.delete(g.workspace_id, media_id, user_id=g.user_id)


def chosen(body: dict[str, Any], field: str) -> Medium | None:
    """The file whose id is in this field; None where none is named."""
    if not body.get(field):
        return None
    try:
        return service.as_medium(service.find(g.workspace_id, body[field]))
    except NotFound:
        text = "No file of this workspace has this ID: upload it to /api/v1/files first."
        raise Invalid(findings=[Finding("unknown", text, field=field)]) from None


def _shown(row: MediaFile) -> dict[str, Any]:
    return {"id": row.id, "kind": row.kind, "name": row.name, "mime": row.mime, "size": row.size, "created_at": moment(row.created_at)}
