"""Listens for the inbox: conversations that flows handed over, and one of them with its chat. Both live."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, Response, flash, g, request, url_for

from flowbuilder import clock
from flowbuilder.core.run import RunStatus
from flowbuilder.core.variables import is_given
from flowbuilder.errors import Conflict, FlowBuilderError, Invalid
from flowbuilder.services.accounts import teams
from flowbuilder.services.conversations import handovers, inbox
from flowbuilder.services.conversations.pages import standings
from flowbuilder.store import db
from flowbuilder.store.accounts import Line, Role
from flowbuilder.store.handovers import Handover
from flowbuilder.web.chat import bubbles, files_of
from flowbuilder.web.forms import Form
from flowbuilder.web.policy import allow
from flowbuilder.web.render import go, is_htmx, render

bp = Blueprint("inbox", __name__)

_VIEWS = {"waiting": "Waiting", "mine": "Mine", "all": "All"}


@bp.get("/inbox")
@allow(Role.VIEWER)
def index() -> str:
    view, team = request.args.get("view", "waiting"), request.args.get("team", "")
    view, names = view if view in _VIEWS else "waiting", teams.names(g.workspace_id)
    chosen = teams.of_person(g.workspace_id, g.user_id) if team == "mine" else {team} if team in names else None
    counts, now = inbox.counts(g.workspace_id, chosen, g.user_id), clock.now()
    rows = [_entry(row, now, names) for row in inbox.listing(g.workspace_id, view, chosen, g.user_id)]
    context = {
        "rows": rows, "view": view, "views": _VIEWS, "counts": counts, "team": team if chosen is not None else "", "teams": names,
        "this": url_for("inbox.index", view=view, team=team or None),
    }  # fmt: skip
    return render("inbox/index.html", "results" if is_htmx() else None, **context)


@bp.get("/inbox/waiting")
@allow(Role.VIEWER)
def waiting() -> dict[str, int]:
    """For the count beside the inbox's name, on every page."""
    return {"waiting": inbox.waiting(g.workspace_id)}


@bp.get("/inbox/<handover_id>")
@allow(Role.VIEWER)
def show(handover_id: str) -> str:
    row = inbox.find(g.workspace_id, handover_id)
    if row.is_unread and row.user_id in (None, g.user_id) and row.ended_at is None:
        handovers.see(g.workspace_id, row.id)
    return render("inbox/show.html", "moving" if is_htmx() else None, **_context(row, Form()))


@bp.post("/inbox/<handover_id>/take")
@allow(Role.TESTER)
def take(handover_id: str) -> Response:
    return _done(handover_id, lambda: handovers.take(g.workspace_id, handover_id, user_id=g.user_id))


@bp.post("/inbox/<handover_id>/assign")
@allow(Role.TESTER)
def assign(handover_id: str) -> Response:
    to, had_by = request.form.get("to", ""), request.form.get("had_by", "")
    return _done(handover_id, lambda: handovers.assign(g.workspace_id, handover_id, to, had_by=had_by, user_id=g.user_id))


@bp.post("/inbox/<handover_id>/release")
@allow(Role.TESTER)
def release(handover_id: str) -> Response:
    return _done(handover_id, lambda: handovers.release(g.workspace_id, handover_id, user_id=g.user_id))


@bp.post("/inbox/<handover_id>/reply")
@allow(Role.TESTER)
def reply(handover_id: str) -> Response | tuple[str, int]:
    form = Form(request.form)
    try:
        handovers.reply(g.workspace_id, handover_id, str(form.value("body")), user_id=g.user_id, client_key=_key(form))
    except (Conflict, Invalid) as error:
        form.take(error)
        return render("inbox/show.html", **_context(inbox.find(g.workspace_id, handover_id), form)), 422
    return go(url_for("inbox.show", handover_id=handover_id))


@bp.post("/inbox/<handover_id>/draft")
@allow(Role.TESTER)
def draft(handover_id: str) -> tuple[str, int]:
    """What is being typed, kept."""
    handovers.keep_draft(g.workspace_id, handover_id, request.form.get("body", ""), user_id=g.user_id)
    return "", 204


@bp.post("/inbox/<handover_id>/give-back")
@allow(Role.TESTER)
def give_back(handover_id: str) -> Response:
    return _done(handover_id, lambda: handovers.give_back(g.workspace_id, handover_id, user_id=g.user_id), "It is with the flow again.")


@bp.post("/inbox/<handover_id>/finish")
@allow(Role.TESTER)
def finish(handover_id: str) -> Response:
    return _done(handover_id, lambda: handovers.finish(g.workspace_id, handover_id, user_id=g.user_id), "The conversation is finished.")


def _done(handover_id: str, act: Any, words: str = "") -> Response:
    """The page of the conversation after a deed; what stood in the way is told there."""
    try:
        act()
    except (Conflict, Invalid) as error:
        flash(_sentence(error), "warning")
    else:
        if words:
            flash(words, "success")
    return go(url_for("inbox.show", handover_id=handover_id))


def _sentence(error: FlowBuilderError) -> str:
    return next((finding.text for finding in getattr(error, "findings", ())), error.text)


def _key(form: Form) -> str:
    """What makes one wish one message; a page that lost it wishes anew."""
    return f"inbox:{str(form.value('key'))[:40] or secrets.token_hex(8)}"


def _entry(row: Handover, now: Any, names: dict[str, str]) -> dict[str, Any]:
    left = handovers.left(row.conversation.contact, now)
    return {
        "row": row, "contact": row.conversation.contact, "has_it": handovers.called(row.user) if row.user_id else "",
        "is_mine": row.user_id == g.user_id, "team": names.get(row.team_id, ""), "left": int(left.total_seconds()),
    }  # fmt: skip


def _context(row: Handover, form: Form) -> dict[str, Any]:
    conversation, now = row.conversation, clock.now()
    said = bubbles(conversation)
    variables = conversation.state.get("variables") or {}
    return {
        **_entry(row, now, teams.names(g.workspace_id)), "conversation": conversation, "bubbles": said, "form": form,
        "sent_files": files_of(said),
        "flow": conversation.version.flow, "line": db.session.get(Line, conversation.line_id),
        "status": RunStatus(conversation.status), "standing": standings([conversation])[conversation.id],
        "answers": {name: value for name, value in variables.items() if not is_given(name)},
        "colleagues": handovers.may_run(g.workspace_id), "called": handovers.called,
        "may_go_on": handovers.may_go_on(conversation.contact, now),
        "closed": handovers.CLOSED, "too_late": handovers.TOO_LATE, "key": secrets.token_hex(8),
        "hand": f"{row.user_id or ''}-{bool(row.ended_at):d}-{bool(handovers.left(row.conversation.contact, now)):d}",
        "every": "1s" if row.ended_at is None else "",
    }  # fmt: skip
