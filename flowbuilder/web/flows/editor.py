"""The editor: its page, the panels of steps and of the flow, and its history."""

from __future__ import annotations

from typing import Any

from flask import Response, g, jsonify, request, url_for

from flowbuilder.core.flow import Flow, Node
from flowbuilder.core.leaving import as_said
from flowbuilder.core.moments import zones
from flowbuilder.core.nodes import KINDS, ports
from flowbuilder.core.nodes.base import NodeKind
from flowbuilder.services import flows
from flowbuilder.services.flows.past import PAGE
from flowbuilder.store.accounts import Role
from flowbuilder.web.flows import bp
from flowbuilder.web.flows.actions import BY_NAME, CANVAS, in_groups
from flowbuilder.web.flows.cards import all_cards, parts, row_parts
from flowbuilder.web.flows.found import draft_of, flow_with
from flowbuilder.web.flows.goals import goals, palette
from flowbuilder.web.flows.panels import panel_context
from flowbuilder.web.flows.patches import start
from flowbuilder.web.policy import allow
from flowbuilder.web.render import in_single_bytes, render

STARTS = " ".join(kind.name for kind in KINDS.values() if kind.is_start)
HISTORY_MAX = 100_000
CLOSED = " ".join(kind.name for kind in KINDS.values() if kind.is_start or kind.is_apart)
"""Nothing leads to steps of these kinds."""
FOLLOWED = ("http_request", "open_question", "user_sends_it")
"""Panels of which a part says what the form holds: samples to try it with, what is asked for after a wrong answer, links to its phrase."""


@bp.get("/flows/<flow_id>")
@allow(Role.VIEWER)
def editor(flow_id: str) -> bytes:
    news = flows.news_since(g.workspace_id, flow_id, -1, "", g.user_id)
    return in_single_bytes(
        render(
            "flows/editor.html",
            draft=news.draft,
            cards=all_cards(news.flow, news.template),
            start=start(news),
            is_changed=news.is_changed,
            urls=urls(flow_id),
            **_tools(),
        )
    )


@bp.get("/flows/<flow_id>/steps/<step>/panel")
@allow(Role.VIEWER)
def panel(flow_id: str, step: str) -> str:
    """The form of a step, or the part of it that follows what is saved."""
    flow = flow_with(flow_id, step)
    kind = flow.nodes[step].kind
    return render(
        f"flows/nodes/{kind}.html",
        "follows" if "part" in request.args and kind in FOLLOWED else "panel",
        flow_id=flow_id,
        parts=parts(),
        rows=row_parts(),
        **panel_context(flow, step, g.workspace_id, flow_id),
    )


@bp.get("/flows/<flow_id>/settings")
@allow(Role.VIEWER)
def settings(flow_id: str) -> str:
    """The form of what holds for the whole flow, or the part of it that follows what is saved."""
    draft = draft_of(flow_id)
    shown = as_said(Flow.from_json(draft.document)).settings
    part = "follows" if "part" in request.args else None
    return render("flows/_settings.html", part, draft=draft, settings=shown, zones=zones(), parts=parts())


@bp.get("/flows/<flow_id>/steps")
@allow(Role.VIEWER)
def steps(flow_id: str) -> Response:
    """Steps with their data and the connections among them, for copying."""
    document = draft_of(flow_id).document
    wanted = set(request.args.getlist("id"))
    nodes = [node for node in document["nodes"] if node["id"] in wanted]
    edges = [edge for edge in document["edges"] if {edge["source"], edge["target"]} <= wanted]
    return jsonify(nodes=nodes, edges=edges, layout={node["id"]: document["layout"].get(node["id"], [0, 0]) for node in nodes})


@bp.get("/flows/<flow_id>/history")
@allow(Role.VIEWER)
def history(flow_id: str) -> str:
    """As many of the last changes as are asked for; twice as many when older ones are."""
    asked = request.args.get("shown", "")
    shown = min(max(PAGE, int(asked) if asked.isdecimal() and asked.isascii() else 0), HISTORY_MAX)
    found = flows.history(flow_id, g.user_id, shown + 1)
    return render(
        "flows/_history.html", draft=draft_of(flow_id), changes=found[:shown], more=len(found) > shown, shown=shown, user_id=g.user_id
    )


def _tools() -> dict[str, Any]:
    """What is the same for every flow: kinds to add, actions and their keys."""
    return {
        "palette": palette(), "goals": goals(), "first_port": _first_port, "fresh": _fresh, "starts": STARTS, "closed": CLOSED,
        "acts": BY_NAME, "key_groups": in_groups(CANVAS),
    }  # fmt: skip


def _fresh(kind: NodeKind) -> dict[str, Any]:
    return flows.fresh(kind, g.workspace_id)


def _first_port(kind: NodeKind) -> str | None:
    """The way out through which a new step leads on when it is put on a connection."""
    return next((port.id for port in ports(Node("", kind.name, kind.blank()))), None)


def urls(flow_id: str) -> dict[str, Any]:
    names = (
        "change", "undo", "redo", "tidy", "changes", "steps", "settings", "outline", "history", "go_to", "presence", "export", "waiting",
    )  # fmt: skip
    found = {name: url_for(f"flows.{name}", flow_id=flow_id) for name in names}
    found["shown"] = url_for("flows.shown", flow_id=flow_id, key="__key__")
    found["index"] = url_for("flows.index")
    found["versions"] = url_for("flows.versions_page", flow_id=flow_id)
    found["lead"] = url_for("flows.outline_lead", flow_id=flow_id)
    return found | {name: url_for(f"flows.{name}", flow_id=flow_id, step="__step__") for name in ("panel", "comments", "preview")}
