"""The list, the form, the page of one message, and the deeds on it."""

from __future__ import annotations

from flask import Response, g, make_response, request, url_for
from markupsafe import Markup

from flowbuilder.core.review import WORDS, ReviewStatus
from flowbuilder.errors import FlowBuilderError, Invalid
from flowbuilder.services import outbound
from flowbuilder.store.accounts import Role
from flowbuilder.web.errors import status_of
from flowbuilder.web.outbound import panel, view
from flowbuilder.web.outbound.blueprint import bp
from flowbuilder.web.outbound.editor import Editor
from flowbuilder.web.outbound.index import index_of
from flowbuilder.web.policy import allow
from flowbuilder.web.render import go, is_htmx, render, toast


@bp.get("/outbound")
@allow(Role.VIEWER)
def index() -> str:
    return render("outbound/index.html", block="found" if is_htmx() else None, **index_of(request.args), **view.words())


@bp.get("/outbound/new")
@allow(Role.DESIGNER)
def new() -> str:
    return render("outbound/edit.html", editor=view.blank(), **view.words())


@bp.get("/outbound/<template_id>")
@allow(Role.VIEWER)
def show(template_id: str) -> str:
    row = outbound.find(g.workspace_id, template_id)
    if row.status == ReviewStatus.DRAFT:
        return render("outbound/edit.html", editor=view.stored(row), **view.words())
    return render("outbound/show.html", **view.detail(row))


@bp.get("/outbound/<template_id>/state")
@allow(Role.VIEWER)
def state(template_id: str) -> Response | str | tuple[str, int]:
    """The part of the page that follows Meta: it asks often while a decision is awaited, and now and then for what Meta decides later."""
    row = outbound.find(g.workspace_id, template_id)
    if request.args.get("seen") == view.stamp(row):
        return "", 204
    if row.status == ReviewStatus.DRAFT:
        return go(url_for("outbound.show", template_id=row.id))
    return render("outbound/show.html", block="state", **view.detail(row))


@bp.post("/outbound/<template_id>/draft")
@allow(Role.DESIGNER)
def save(template_id: str) -> Response:
    """Keep what was typed and say what is to be said about it; only what has changed comes back."""
    editor = view.typed(template_id)
    is_new = editor.row is None
    editor.row = outbound.save(g.workspace_id, template_id, editor.line_id, editor.content, g.user_id)
    address = url_for("outbound.show", template_id=template_id)
    if not is_htmx():
        return go(address)
    if editor.row.status != ReviewStatus.DRAFT:
        return Response(status=204)
    response = make_response(_after_saving(editor))
    if is_new and not editor.flow_id:
        response.headers["HX-Replace-Url"] = address
    return response


def _after_saving(editor: Editor) -> str:
    """Only what has changed; after a fix or its undoing that may be any of the form."""
    if editor.cured or request.form.get("do") == "undo":
        form = Markup(render("outbound/edit.html", block="editor", editor=editor, **view.words()))
        return render("outbound/_cured.html", form=form)
    stale = editor.stale_parts(request.form.get("shape", ""), bool(request.form.get("word.now")))
    return render("outbound/_saved.html", editor=editor, stale=stale, **view.words())


@bp.post("/outbound/<template_id>/submit")
@allow(Role.DESIGNER)
def submit(template_id: str) -> Response:
    """Keep what stands in the form, then have Meta review it. What is wrong comes back on its field."""
    editor = view.typed(template_id)
    try:
        editor.row = outbound.save(g.workspace_id, template_id, editor.line_id, editor.content, g.user_id)
        if editor.misfit:
            raise Invalid(findings=editor.misfit)
        row = outbound.submit(g.workspace_id, template_id, g.user_id)
    except FlowBuilderError as error:
        return _not_submitted(editor, error)
    if editor.flow_id and is_htmx():
        return make_response(panel.drawn(editor.flow_id, row))
    return go(url_for("outbound.show", template_id=template_id))


@bp.post("/outbound/<template_id>/refresh")
@allow(Role.TESTER)
def refresh(template_id: str) -> Response:
    row = outbound.refresh(g.workspace_id, template_id)
    if not is_htmx() or row.status == ReviewStatus.DRAFT:
        return go(url_for("outbound.show", template_id=template_id))
    answer = render("outbound/show.html", block="state", **view.detail(row))
    return toast(answer, f"Meta says: {WORDS[ReviewStatus(row.status)].lower()}.", "info")


@bp.post("/outbound/<template_id>/duplicate")
@allow(Role.DESIGNER)
def duplicate(template_id: str) -> Response:
    copy = outbound.duplicate(g.workspace_id, template_id, g.user_id)
    return go(url_for("outbound.show", template_id=copy.id))


@bp.post("/outbound/<template_id>/delete")
@allow(Role.DESIGNER)
def delete(template_id: str) -> Response:
    outbound.delete(g.workspace_id, template_id, g.user_id)
    return go(url_for("outbound.index"))


def _not_submitted(editor: Editor, error: FlowBuilderError) -> Response:
    """The same form with everything that is wrong, Meta's own words included."""
    if editor.row is not None and editor.row.status != ReviewStatus.DRAFT:
        raise error
    said = {(f.code, f.field) for f in editor.findings}
    found = error.findings if isinstance(error, Invalid) else ()
    editor.more = [*editor.more, *(f for f in found if (f.code, f.field) not in said)]
    editor.is_strict = True
    del editor.findings
    page = render("outbound/edit.html", block="editor" if is_htmx() else None, editor=editor, refusal=error.text, **view.words())
    return make_response(page, status_of(error))
