"""Listens for conversations: the list with its filters, and one conversation as chat, answers, drawing and steps. All of it live."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, g, request, url_for

from flowbuilder import clock
from flowbuilder.core.journey import STATUSES
from flowbuilder.core.message import from_json, plain
from flowbuilder.core.run import RunStatus
from flowbuilder.core.validations import CHECKS
from flowbuilder.core.variables import is_given
from flowbuilder.services.conversations import authorizations, inbox, pages, validations
from flowbuilder.services.conversations.pages import Filters
from flowbuilder.services.inbound import aside
from flowbuilder.store import db
from flowbuilder.store.accounts import Line, Role
from flowbuilder.store.conversations import Conversation
from flowbuilder.web.chat import bubbles, files_among, files_of
from flowbuilder.web.policy import allow
from flowbuilder.web.render import go, is_htmx, render

bp = Blueprint("conversations", __name__)

OUTCOMES = ("success", "neutral", "failure")
_ROWS = 50


@bp.get("/conversations")
@allow(Role.VIEWER)
def index() -> str:
    return render("conversations/index.html", "results" if is_htmx() else None, **_listed())


def _listed() -> dict[str, Any]:
    filters, before = _filters(), _cursor(request.args.get("before", ""))
    rows = pages.listing(g.workspace_id, filters, before=before, limit=_ROWS + 1)
    flows, lines = pages.names(g.workspace_id)
    last = rows[_ROWS - 1] if len(rows) > _ROWS else None
    chosen = {name: request.args.get(name, "") for name in ("flow", "line", "status", "outcome", "phone", "since", "until")}
    return {
        "rows": rows[:_ROWS], "filters": filters, "chosen": chosen, "flows": flows, "lines": lines,
        "standing": pages.standings(rows[:_ROWS]),
        "statuses": [(status.value, words) for status, words in STATUSES.items()],
        "outcomes": [(one, one.capitalize()) for one in OUTCOMES],
        "following": f"{last.updated_at.isoformat()}~{last.id}" if last else "", "is_first": before is None,
        "missed": aside.count_missed(g.workspace_id),
        "this": url_for("conversations.index", **{name: value for name, value in chosen.items() if value}),
    }  # fmt: skip


@bp.get("/conversations/missed")
@allow(Role.VIEWER)
def missed() -> str:
    """What people said while this installation was away, too old to be answered by a flow."""
    rows = [(message, contact, plain(from_json(message.content))) for message, contact in aside.missed(g.workspace_id)]
    files = files_among(message for message, *_ in rows)
    return render("conversations/missed.html", rows=rows, sent_files=files, count=aside.count_missed(g.workspace_id))


@bp.post("/conversations/missed/<int:message_id>/seen")
@allow(Role.TESTER)
def seen(message_id: int) -> Response:
    aside.seen(g.workspace_id, message_id, user_id=g.user_id)
    return go(url_for("conversations.missed"))


@bp.post("/conversations/missed/seen")
@allow(Role.TESTER)
def seen_all() -> Response:
    aside.seen(g.workspace_id, None, user_id=g.user_id)
    return go(url_for("conversations.missed"))


@bp.get("/conversations/<conversation_id>")
@allow(Role.VIEWER)
def show(conversation_id: str) -> str:
    return render("conversations/show.html", "moving" if is_htmx() else None, **_context(pages.find(g.workspace_id, conversation_id)))


def _context(row: Conversation) -> dict[str, Any]:
    from flowbuilder.web.flows import cards

    legs, status, said = pages.legs(row), RunStatus(row.status), bubbles(row)
    here = row.state.get("node") if status.is_open else None
    return {
        "row": row, "legs": legs, "bubbles": said, "sent_files": files_of(said),
        "answers": {name: value for name, value in (row.state.get("variables") or {}).items() if not is_given(name)},
        "requests": pages.requests(row), "validations": validations.of_conversation(row.id), "checks": CHECKS,
        "authorizations": authorizations.of_conversation(row.id),
        "line": db.session.get(Line, row.line_id), "flow": row.version.flow, "standing": pages.standings([row])[row.id],
        "drawings": [
            cards.drawing(leg.version.document, leg.journey.nodes, leg.journey.edges, here if leg is legs[-1] else None) for leg in legs
        ],
        "handed": inbox.of_conversation(row.id), "every": _pace(row), "has_moved": request.args.get("turn", "") != str(row.turn),
    }  # fmt: skip


def _pace(row: Conversation) -> str:
    """How often the page asks; a while longer than the conversation lasts, for the ticks of its last messages."""
    if row.ended_at is None:
        return "1s" if clock.now() - row.updated_at < timedelta(minutes=10) else "5s"
    return "5s" if clock.now() - row.ended_at < timedelta(minutes=5) else ""


def _filters() -> Filters:
    status, outcome = request.args.get("status", ""), request.args.get("outcome", "")
    return Filters(
        flow=request.args.get("flow", "")[:40],
        line=request.args.get("line", "")[:40],
        status=status if status in set(RunStatus) else "",
        outcome=outcome if outcome in OUTCOMES else "",
        phone=request.args.get("phone", "").strip()[:40],
        since=_day("since"),
        until=_day("until"),
    )


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def _cursor(text: str) -> tuple[datetime, str] | None:
    moment, _, row_id = text.partition("~")
    try:
        return (datetime.fromisoformat(moment), row_id) if row_id else None
    except ValueError:
        return None
