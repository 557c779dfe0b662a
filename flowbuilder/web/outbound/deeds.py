"""What can be done with a message beside writing it: end its pause, let it open flows, add a language, hear Meta's words."""

from __future__ import annotations

from flask import Response, g, request, url_for

from flowbuilder.core.languages import LANGUAGES
from flowbuilder.core.template import Category, Otp, TemplateContent
from flowbuilder.services import outbound
from flowbuilder.services.accounts import lines
from flowbuilder.store.accounts import Role
from flowbuilder.web.forms import Form
from flowbuilder.web.outbound import view
from flowbuilder.web.outbound.blueprint import bp
from flowbuilder.web.outbound.editor import Editor
from flowbuilder.web.policy import allow
from flowbuilder.web.render import go, is_htmx, render, toast


@bp.post("/outbound/<template_id>/unpause")
@allow(Role.DESIGNER)
def unpause(template_id: str) -> Response:
    row = outbound.unpause(g.workspace_id, template_id, g.user_id)
    if not is_htmx():
        return go(url_for("outbound.show", template_id=template_id))
    return toast(render("outbound/show.html", block="state", **view.detail(row)), "The pause is over.")


@bp.post("/outbound/<template_id>/opens-flows")
@allow(Role.DESIGNER)
def open_flows(template_id: str) -> Response:
    outbound.open_flows(g.workspace_id, template_id, g.user_id)
    return go(url_for("outbound.show", template_id=template_id))


@bp.get("/outbound/code-text")
@allow(Role.DESIGNER)
def code_text() -> str:
    """Meta's own words of a one-time code for the preview, asked for while the form goes on with ours."""
    asked = Form(request.args)
    minutes = asked.number("minutes", "the lifetime", least=1, most=90)
    language = asked.choice("language", "a language", LANGUAGES)
    asked.check()
    code = Otp(minutes, "advice" in request.args, request.args.get("label", "")[:200])
    content = TemplateContent(category=Category.AUTHENTICATION, language=language, otp=code)
    line_id = request.args.get("line_id", "")
    text = outbound.codes.learn(g.workspace_id, line_id, content)
    editor = Editor("", content, line_id, lines.of_workspace(g.workspace_id), code_text=text)
    return render("outbound/_code_text.html", editor=editor, is_ours=outbound.codes.kept(line_id, content) is None)


@bp.post("/outbound/<template_id>/languages")
@allow(Role.DESIGNER)
def add_language(template_id: str) -> Response:
    """A draft in another language, opened at once."""
    row = outbound.add_language(g.workspace_id, template_id, request.form.get("language", ""), g.user_id)
    return go(url_for("outbound.show", template_id=row.id))
