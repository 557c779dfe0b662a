"""Bringing flows in: files of ours at once, those of other builders after a look at what becomes of them."""

from __future__ import annotations

from flask import Response, flash, g, request, url_for

from flowbuilder.errors import Invalid
from flowbuilder.services import flows
from flowbuilder.services.flows import foreign
from flowbuilder.store.accounts import Role
from flowbuilder.web.flows import bp
from flowbuilder.web.flows.pages import flow_list
from flowbuilder.web.forms import Form
from flowbuilder.web.policy import allow
from flowbuilder.web.render import go, render

FILE_MAX = 8_000_000


@bp.get("/flows/import")
@allow(Role.DESIGNER)
def import_page() -> Response:
    """Where Back and a reload lead after a file was looked into."""
    return go(url_for("flows.index"))


@bp.post("/flows/import")
@allow(Role.DESIGNER, max_bytes=FILE_MAX + 100_000)
def import_() -> Response | str | tuple[str, int]:
    file = request.files.get("file")
    raw = file.read(FILE_MAX + 1) if file else b""
    try:
        if found := foreign.look_into(raw):
            return render("flows/importing.html", found=found, packed=foreign.pack(found), name=file.filename if file else "")
        draft = flows.import_(g.workspace_id, raw, g.user_id)
    except Invalid as error:
        return _refused(error)
    return go(url_for("flows.editor", flow_id=draft.id))


@bp.post("/flows/import/take")
@allow(Role.DESIGNER)
def take_import() -> Response | tuple[str, int]:
    try:
        drafts = foreign.take(g.workspace_id, request.form.get("packed", ""), g.user_id)
    except Invalid as error:
        return _refused(error)
    flash("The flow is here. The checks say what is still to do." if len(drafts) == 1 else f"{len(drafts)} flows are here.", "success")
    return go(url_for("flows.editor", flow_id=drafts[0].id) if len(drafts) == 1 else url_for("flows.index"))


def _refused(error: Invalid) -> tuple[str, int]:
    form = Form(request.form)
    form.refuse("file", error.code, error.text)
    return flow_list(form=form), 422
