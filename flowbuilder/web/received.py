"""Files that people sent: to members of the workspace by a plain address, to programs by a signed one that ends after some days."""

from __future__ import annotations

from flask import Blueprint, Response, flash, g, make_response, request, send_file, url_for

from flowbuilder.core.received import SHOWN, file_in
from flowbuilder.errors import Conflict
from flowbuilder.services.conversations import received
from flowbuilder.store.accounts import Role
from flowbuilder.store.received import ReceivedFile
from flowbuilder.web.policy import allow
from flowbuilder.web.render import go

bp = Blueprint("received", __name__)
bp.add_app_template_global(file_in)

_LATER = "The file is still being fetched from WhatsApp. Ask again in a moment.\n", 503, {"Retry-After": "2", "Content-Type": "text/plain"}


@bp.get("/received/<file_id>")
@allow(Role.VIEWER)
def show(file_id: str) -> Response:
    return _bytes_of(received.find(g.workspace_id, file_id))


@bp.get("/files/<file_id>")
@allow(None)
def fetch(file_id: str) -> Response:
    """For programs, such as one that an HTTP request told of the file: whoever has the address has the file."""
    row = received.by_address(file_id, request.args.get("until", ""), request.args.get("signature", ""))
    return make_response(_LATER) if row.status == "waiting" else _bytes_of(row)


@bp.post("/received/<file_id>/again")
@allow(Role.TESTER)
def again(file_id: str) -> Response:
    row = received.find(g.workspace_id, file_id)
    try:
        conversation = received.again(g.workspace_id, row.id, user_id=g.user_id)
    except Conflict as error:
        flash(error.text, "warning")
        conversation = received.conversation_of(row)
    if handover := request.form.get("handover"):
        return go(url_for("inbox.show", handover_id=handover))
    return go(url_for("conversations.show", conversation_id=conversation) if conversation else url_for("conversations.missed"))


def _bytes_of(row: ReceivedFile) -> Response:
    """What is not surely a picture or a sound is a download, and nothing of it can run here."""
    path = received.place_of(row)
    response = send_file(path, mimetype=row.mime, as_attachment=row.mime not in SHOWN, download_name=row.name, conditional=True)
    response.headers["Cache-Control"] = "private, max-age=86400, immutable"
    return response
