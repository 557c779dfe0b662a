"""My flows: the list, and what is done to a flow as a whole."""

from __future__ import annotations

from flask import Response, flash, g, request, url_for

from flowbuilder.errors import Invalid
from flowbuilder.services import flows
from flowbuilder.store.accounts import Role
from flowbuilder.web.flows import bp
from flowbuilder.web.forms import Form
from flowbuilder.web.policy import allow
from flowbuilder.web.render import go, is_htmx, render

FILE_MAX = 8_000_000


@bp.get("/flows")
@allow(Role.VIEWER)
def index() -> str:
    return _list(block="list" if is_htmx() else None)


@bp.post("/flows")
@allow(Role.DESIGNER)
def create() -> Response | tuple[str, int]:
    form = Form(request.form)
    try:
        draft = flows.create(g.workspace_id, form.text("name", "a name", required=False, longest=1000), g.user_id)
    except Invalid as error:
        form.take(error)
        return _list(form=form), 422
    return go(url_for("flows.editor", flow_id=draft.id))


@bp.post("/flows/examples/<name>")
@allow(Role.DESIGNER)
def create_from_example(name: str) -> Response:
    draft = flows.create_from_example(g.workspace_id, name, g.user_id)
    return go(url_for("flows.editor", flow_id=draft.id))


@bp.post("/flows/import")
@allow(Role.DESIGNER, max_bytes=FILE_MAX + 100_000)
def import_() -> Response | tuple[str, int]:
    file = request.files.get("file")
    form = Form(request.form)
    try:
        draft = flows.import_(g.workspace_id, file.read(FILE_MAX + 1) if file else b"", g.user_id)
    except Invalid as error:
        form.refuse("file", error.code, error.text)
        return _list(form=form), 422
    return go(url_for("flows.editor", flow_id=draft.id))


@bp.get("/flows/<flow_id>/export")
@allow(Role.VIEWER)
def export(flow_id: str) -> Response:
    name, content = flows.export(g.workspace_id, flow_id)
    return Response(content, mimetype="application/json", headers={"Content-Disposition": f'attachment; filename="{name}"'})


@bp.post("/flows/<flow_id>/duplicate")
@allow(Role.DESIGNER)
def duplicate(flow_id: str) -> Response:
    draft = flows.duplicate(g.workspace_id, flow_id, g.user_id)
    flash(f"“{draft.name}” is ready.", "success")
    return go(url_for("flows.index"))


@bp.post("/flows/<flow_id>/rename")
@allow(Role.DESIGNER)
def rename(flow_id: str) -> Response:
    flows.rename(g.workspace_id, flow_id, request.form.get("name", ""), g.user_id)
    return go(url_for("flows.index"))


@bp.post("/flows/<flow_id>/delete")
@allow(Role.DESIGNER)
def delete(flow_id: str) -> Response:
    draft = flows.delete(g.workspace_id, flow_id, g.user_id)
    flash(f"“{draft.name}” was deleted. It lies under Deleted and can be restored from there.", "success")
    return go(url_for("flows.index"))


@bp.post("/flows/<flow_id>/restore")
@allow(Role.DESIGNER)
def restore(flow_id: str) -> Response:
    draft = flows.restore(g.workspace_id, flow_id, g.user_id)
    flash(f"“{draft.name}” is back.", "success")
    return go(url_for("flows.index"))


def _list(form: Form | None = None, block: str | None = None) -> str:
    words = request.args.get("q", "")[:200]
    deleted = request.args.get("show") == "deleted"
    return render(
        "flows/index.html",
        block,
        flows=flows.summaries(g.workspace_id, words=words, deleted=deleted),
        examples=flows.examples(),
        words=words,
        deleted=deleted,
        form=form,
    )
