"""What the admins of a workspace set: its name, and what is done when Meta's answer to a send is lost."""

from __future__ import annotations

from flask import Response, flash, g, request, url_for

from flowbuilder.core.doubt import DEFAULTS, LONGEST_MINUTES, Policy, Then
from flowbuilder.services.accounts import workspaces
from flowbuilder.store.accounts import Role
from flowbuilder.web.accounts import bp
from flowbuilder.web.forms import Form
from flowbuilder.web.policy import allow
from flowbuilder.web.render import go, render

_KINDS = (
    ("MARKETING", "Marketing", "A second copy costs money and annoys."),
    ("UTILITY", "Utility", "Somebody waits for this news."),
    ("AUTHENTICATION", "OTP code", "A second code makes the first one useless."),
    ("SERVICE", "Conversation", "What a flow says: without it the person is left waiting."),
)


@bp.get("/workspace", endpoint="workspace")
@allow(Role.ADMIN)
def index() -> str:
    return _page(Form({"name": g.person.workspace_name, **_rules()}))


@bp.post("/workspace")
@allow(Role.ADMIN)
def rename_workspace() -> tuple[str, int] | Response:
    form = Form({**_rules(), **request.form})
    name = form.text("name", "a name", longest=120)
    if form.findings:
        return _page(form), 422
    workspaces.rename(g.workspace_id, name, user_id=g.user_id)
    flash("The workspace has its new name.", "success")
    return go(url_for("accounts.workspace"))


@bp.post("/workspace/doubts")
@allow(Role.ADMIN)
def set_doubts() -> tuple[str, int] | Response:
    form = Form({"name": g.person.workspace_name, **request.form})
    rules = {category: _rule(form, category) for category in DEFAULTS}
    if form.findings:
        return _page(form), 422
    workspaces.set_doubts(g.workspace_id, rules, user_id=g.user_id)
    flash("The rules are saved. They hold from now on, also for messages that wait already.", "success")
    return go(url_for("accounts.workspace"))


def _rule(form: Form, category: str) -> Policy:
    default = DEFAULTS[category]
    minutes = form.number(f"{category}_minutes", "the wait", least=1, most=LONGEST_MINUTES, default=default.minutes)
    then = form.choice(f"{category}_then", "what happens then", list(Then))
    return Policy(minutes, Then(then) if then in list(Then) else default.then, default.needs_witnesses)


def _rules() -> dict[str, str]:
    rules = workspaces.doubts(g.workspace_id)
    minutes = {f"{category}_minutes": str(rule.minutes) for category, rule in rules.items()}
    return minutes | {f"{category}_then": rule.then.value for category, rule in rules.items()}


def _page(form: Form) -> str:
    return render("accounts/workspace.html", form=form, kinds=_KINDS)
