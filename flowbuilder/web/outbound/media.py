"""The sample of a picture, video or document message: uploaded from the form, and shown to this workspace alone."""

from __future__ import annotations

from dataclasses import replace

from flask import Response, g, make_response, request, send_file, url_for

from flowbuilder.core.finding import Finding
from flowbuilder.core.media import MEGABYTE, MOST_BYTES, RULES
from flowbuilder.core.medium import Medium
from flowbuilder.errors import Invalid
from flowbuilder.services import media, outbound
from flowbuilder.store.accounts import Role
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.web.outbound import view
from flowbuilder.web.outbound.blueprint import bp
from flowbuilder.web.outbound.editor import Editor
from flowbuilder.web.policy import allow
from flowbuilder.web.render import go, is_htmx, render

MAX_BYTES = MOST_BYTES + MEGABYTE
_CHOOSE = Finding("nothing_chosen", "Choose a file first.", field="sample")


@bp.post("/outbound/<template_id>/sample")
@allow(Role.DESIGNER, max_bytes=MAX_BYTES)
def upload_sample(template_id: str) -> Response:
    """Keep the file. The form of a browser with script gets its id and goes on; without, everything typed is saved, too."""
    editor = view.typed(template_id)
    if not is_htmx():
        editor.row = _saved(editor)
    try:
        sample = _kept(editor)
    except Invalid as error:
        return _refused(editor, error)
    if is_htmx():
        return Response(sample.file, mimetype="text/plain")
    editor.content = replace(editor.content, sample=sample)
    _saved(editor)
    return go(url_for("outbound.show", template_id=template_id))


@bp.get("/media/<media_id>")
@allow(Role.VIEWER)
def medium(media_id: str) -> Response:
    """The bytes, as what they were found to be; opened by themselves they are a download and can do nothing here."""
    row = media.find(g.workspace_id, media_id)
    response = send_file(media.place_of(row), mimetype=row.mime, as_attachment=True, download_name=row.name, conditional=True)
    response.headers["Cache-Control"] = "private, max-age=86400, immutable"
    return response


def _saved(editor: Editor) -> TemplateMessage:
    return outbound.save(g.workspace_id, editor.id, editor.line_id, editor.content, g.user_id)


def _kept(editor: Editor) -> Medium:
    file = request.files.get("sample_file")
    if file is None or not file.filename or editor.content.kind not in RULES:
        raise Invalid(findings=[_CHOOSE])
    row = media.keep(g.workspace_id, editor.content.kind, file.stream, file.filename, field="sample", user_id=g.user_id)
    return media.as_medium(row)


def _refused(editor: Editor, error: Invalid) -> Response:
    """What is wrong with the file, beside the form as it was typed."""
    if is_htmx():
        return Response(error.text, 422, mimetype="text/plain")
    editor.more = [*editor.more, *error.findings]
    return make_response(render("outbound/edit.html", editor=editor, **view.words()), 422)
