"""Gestures of the canvas, each saved as it is made, and what others did meanwhile. JSON in, a patch out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, g, jsonify, request

from flowbuilder.errors import Invalid, NotFound
from flowbuilder.services import flows
from flowbuilder.store import flows as rows
from flowbuilder.store.accounts import Role
from flowbuilder.web.flows import bp
from flowbuilder.web.flows.patches import patch
from flowbuilder.web.policy import allow

KEY_MAX = 40


@dataclass(frozen=True, slots=True)
class Gesture:
    """``key`` tells a gesture that is sent again from a new one; ``seen`` is the revision that the editor has drawn."""

    command: Mapping[str, Any]
    key: str | None
    seen: int


@bp.post("/flows/<flow_id>/changes")
@allow(Role.DESIGNER)
def change(flow_id: str) -> Response:
    gesture = _gesture()
    changed = flows.change(g.workspace_id, flow_id, gesture.command, g.user_id, gesture.seen, client_key=gesture.key)
    names = ", ".join(changed.left_out)
    return _news(
        flow_id, gesture, f"Left out, because it belongs to another workspace: {names}. Choose one of this workspace." if names else ""
    )


@bp.post("/flows/<flow_id>/undo")
@allow(Role.DESIGNER)
def undo(flow_id: str) -> Response:
    gesture = _gesture()
    changed = flows.undo(g.workspace_id, flow_id, g.user_id, client_key=gesture.key)
    past = f"This goes back to before version {changed.leaves} was published. That version stays as it is." if changed.leaves else ""
    return _news(flow_id, gesture, past)


@bp.post("/flows/<flow_id>/redo")
@allow(Role.DESIGNER)
def redo(flow_id: str) -> Response:
    gesture = _gesture()
    flows.redo(g.workspace_id, flow_id, g.user_id, client_key=gesture.key)
    return _news(flow_id, gesture)


@bp.post("/flows/<flow_id>/history")
@allow(Role.DESIGNER)
def go_to(flow_id: str) -> Response:
    gesture = _gesture()
    revision = gesture.command.get("revision")
    if rows.head(g.workspace_id, flow_id) is None:
        raise NotFound()
    if type(revision) is not int:
        raise Invalid("The moment to go back to did not arrive. Open the history again.")
    changed = flows.go_to(g.workspace_id, flow_id, revision, g.user_id, client_key=gesture.key)
    return _news(flow_id, gesture, went=changed.went)


@bp.post("/flows/<flow_id>/tidy")
@allow(Role.DESIGNER)
def tidy(flow_id: str) -> Response:
    gesture = _gesture()
    only = gesture.command.get("nodes")
    chosen = {id for id in only if isinstance(id, str)} if isinstance(only, list) else ()
    flows.tidy(g.workspace_id, flow_id, g.user_id, only=chosen, client_key=gesture.key)
    return _news(flow_id, gesture)


@bp.get("/flows/<flow_id>/changes")
@allow(Role.VIEWER)
def changes(flow_id: str) -> Response:
    """What is new since a revision; 204 when nothing is."""
    since = request.args.get("since", -1, type=int)
    tag = request.args.get("tag", "")
    if since >= 0 and flows.is_quiet(g.workspace_id, flow_id, since, tag):
        return Response(status=204)
    news = flows.news_since(g.workspace_id, flow_id, since, tag, g.user_id)
    return jsonify(patch(news)) if news else Response(status=204)


def _news(flow_id: str, gesture: Gesture, notice: str = "", *, went: flows.Went | None = None) -> Response:
    """Also when nothing is new, as after a gesture that came twice: the editor waits for an answer. ``notice`` is said as well,
    and what a way through the history came to, with the way back."""
    head = rows.head(g.workspace_id, flow_id) or (0, None, 0)
    news = flows.news_since(g.workspace_id, flow_id, min(gesture.seen, head[0]), "", g.user_id)
    return jsonify(patch(news) | {"notice": notice} | ({"went": _told(went)} if went else {}))


def _told(went: flows.Went) -> dict[str, Any]:
    what = went.words if went.count == 1 else f"{went.count} changes"
    done, back = ("Undone", "Redo") if went.kind == "undo" else ("Redone", "Undo")
    return {"text": f"{done}: {what}.", "origin": went.origin, "back": back}


def _gesture() -> Gesture:
    body = request.get_json(silent=True)
    if not isinstance(body, dict) or not isinstance(body.get("command"), dict):
        raise Invalid("The change did not arrive whole. Reload the page and make it again.")
    key, seen = body.get("key"), body.get("seen")
    is_key = isinstance(key, str) and 0 < len(key) <= KEY_MAX
    return Gesture(body["command"], key if is_key else None, seen if type(seen) is int else 0)
