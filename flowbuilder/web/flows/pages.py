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


@bp.get("/flows")
@allow(Role.VIEWER)
def index() -> str:
    return flow_list(block="list" if is_htmx() else None)


@bp.post("/flows")
@allow(Role.DESIGNER)
def create() -> Response | tuple[str, int]:
    form = Form(request.form)
    try:
        draft = flows.create(g.workspace_id, form.text("name", "a name", required=False, longest=1000), g.user_id)
    except Invalid as error:
        form.take(error)
        return flow_list(form=form), 422
    return go(url_for("flows.editor", flow_id=draft.id))


@bp.get("/flows/<flow_id>/export")
@allow(Role.VIEWER)
def export(flow_id: str) -> Response:
    name, content = flows.export(g.workspace_id, flow_id, request.args.get("version", type=int))
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


def flow_list(form: Form | None = None, block: str | None = None) -> str:
    """The page, or its list alone; with a ``form`` the dialog that was refused is open again."""
    words = request.args.get("q", "")[:200]
    deleted = request.args.get("show") == "deleted"
    return render(
        "flows/index.html",
        block,
        flows=flows.summaries(g.workspace_id, words=words, deleted=deleted),
        words=words,
        deleted=deleted,
        form=form,
    )
