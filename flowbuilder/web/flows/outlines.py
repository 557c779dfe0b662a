"""The outline: a flow as an indented list that is edited without a mouse, by screen reader and on a phone.

Its forms work without script; with htmx the list alone is drawn anew. Details of a step are edited in the canvas's own panel.
"""

from __future__ import annotations

from typing import Any

from flask import Response, g, make_response, redirect, request, url_for

from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Flow
from flowbuilder.core.graph import before
from flowbuilder.core.layout import height
from flowbuilder.core.nodes import KINDS, name_of, ports
from flowbuilder.core.outline import after, copied, fixed, headings, moved, names, outline
from flowbuilder.errors import Conflict, FlowBuilderError, Invalid
from flowbuilder.services import flows
from flowbuilder.services.flows import News
from flowbuilder.store.accounts import Role
from flowbuilder.web.flows import bp
from flowbuilder.web.flows.actions import OUTLINE, in_groups
from flowbuilder.web.flows.editor import urls
from flowbuilder.web.flows.goals import goals, palette
from flowbuilder.web.flows.patches import start
from flowbuilder.web.policy import allow
from flowbuilder.web.render import is_htmx, render, toast

Answer = str | Response


@bp.get("/flows/<flow_id>/outline", endpoint="outline")
@allow(Role.VIEWER)
def show(flow_id: str) -> str:
    return _page(flow_id, at=request.args.get("at", ""), chosen=request.args.get("step", ""))


@bp.post("/flows/<flow_id>/outline/lead")
@allow(Role.DESIGNER)
def outline_lead(flow_id: str) -> Answer:
    """Where an answer leads: to a step that is there, to a new one (``new kind``), or nowhere. Without an answer a new step lies loose."""
    source, _, port = request.form.get("at", "").partition(" ")
    to = request.form.get("to", "")
    if to.startswith("new "):
        return _add(flow_id, source, port, to[4:])
    command = {"kind": "connect", "source": source, "port": port, "target": to}
    return _done(flow_id, command if to else {"kind": "disconnect", "source": source, "port": port}, source)


def _add(flow_id: str, source: str, port: str, name: str) -> Answer:
    kind = KINDS.get(name)
    if kind is None or kind.is_start:
        raise Invalid("Choose the kind of step to add.")
    node = {"id": flows.new_step(), "kind": kind.name, "data": flows.fresh(kind, g.workspace_id)}
    flow = _flow(flow_id)
    if source in flow.nodes:
        return _done(flow_id, after(flow, (source, port), node), node["id"])
    left = min((x for x, _ in flow.layout.values()), default=0)
    below = max((y for _, y in flow.layout.values()), default=0) + 320
    return _done(flow_id, {"kind": "add_node", "node": node, "at": [left, below]}, node["id"])


@bp.post("/flows/<flow_id>/outline/copy")
@allow(Role.DESIGNER)
def outline_copy(flow_id: str) -> Answer:
    step, flow, new = request.form.get("step", ""), _flow(flow_id), flows.new_step()
    if step not in flow.nodes or KINDS[flow.nodes[step].kind].is_start:
        raise Conflict("This step is no longer there, or opens the flow: a flow has one opening.")
    answer = make_response(_done(flow_id, copied(flow, step, new), new))
    if answer.status_code != 200:
        return answer
    numbers = {row.node.id: row.number for row in outline(_flow(flow_id))}
    return toast(answer, f"Step {numbers[new]} is a copy of step {numbers[step]}. Nothing leads to it yet.")


@bp.post("/flows/<flow_id>/outline/remove")
@allow(Role.DESIGNER)
def outline_remove(flow_id: str) -> Answer:
    step = request.form.get("step", "")
    flow = _flow(flow_id)
    rows = [row.node.id for row in outline(flow)]
    above = rows[max(rows.index(step) - 1, 0)] if step in rows else ""
    gone = flow.nodes.get(step)
    answer = make_response(_done(flow_id, {"kind": "remove", "nodes": [step]}, above))
    return toast(answer, f"Deleted {name_of(gone)}.", "undoable") if gone and answer.status_code == 200 else answer


@bp.post("/flows/<flow_id>/outline/move")
@allow(Role.DESIGNER)
def outline_move(flow_id: str) -> Answer:
    flow, step, up = _flow(flow_id), request.form.get("step", ""), request.form.get("way") == "up"
    command = moved(flow, step, up)
    if command is None:
        why = fixed(flow).get(step, ("it is gone or ends the flow",) * 2)[0 if up else 1]
        raise Conflict(f"This step can't be moved {'up' if up else 'down'}: {why}.")
    return _done(flow_id, command, step)


@bp.post("/flows/<flow_id>/outline/<any(undo, redo):verb>")
@allow(Role.DESIGNER)
def outline_again(flow_id: str, verb: str) -> Answer:
    (flows.undo if verb == "undo" else flows.redo)(g.workspace_id, flow_id, g.user_id)
    return _shown(flow_id, "")


def _done(flow_id: str, command: dict[str, Any], chosen: str) -> Answer:
    try:
        flows.change(g.workspace_id, flow_id, command, g.user_id)
    except FlowBuilderError as error:
        return make_response(_page(flow_id, chosen=chosen, refusal=error.text), 409)
    return _shown(flow_id, chosen)


def _shown(flow_id: str, chosen: str) -> Answer:
    if is_htmx():
        return _page(flow_id, chosen=chosen)
    return redirect(url_for("flows.outline", flow_id=flow_id, step=chosen or None, _anchor=f"step-{chosen}" if chosen else None), 303)


def _page(flow_id: str, *, at: str = "", chosen: str = "", refusal: str = "") -> str:
    news = flows.news_since(g.workspace_id, flow_id, -1, "", g.user_id)
    assert news is not None
    rows = outline(news.flow)
    called = names(rows)
    return render(
        "flows/outline.html",
        "list" if is_htmx() else None,
        draft=news.draft,
        news=news,
        rows=rows,
        numbers={row.node.id: row.number for row in rows},
        names=called,
        headings=headings(called, news.flow),
        fixed=fixed(news.flow),
        kinds=KINDS,
        palette=palette(),
        goals=goals(),
        tapped=flows.tapped(news.template),
        at=at,
        circling=before(news.flow, at.partition(" ")[0]) if at else (),
        chosen=chosen if chosen in news.flow.nodes else "",
        refusal=refusal,
        problems=_problems(news),
        start=start(news) | {"nodes": _nodes(news)},
        urls=urls(flow_id),
        key_groups=in_groups(OUTLINE),
    )


def _problems(news: News) -> dict[str | None, list[Finding]]:
    """What the checks say of each step; what they say of the whole flow under None."""
    found: dict[str | None, list[Finding]] = {}
    for one in flows.findings_of(news.flow, news.draft.workspace_id, id=news.draft.id):
        found.setdefault(one.node, []).append(one)
    return found


def _nodes(news: News) -> list[dict[str, Any]]:
    """What the panel must know of the steps that are not drawn here."""
    found = []
    for id, node in news.flow.nodes.items():
        kind = KINDS[node.kind]
        takes_in = not kind.is_start and not kind.is_apart
        x, y = news.flow.layout.get(id, (0, 0))
        box = {"x": x, "y": y, "h": height(node)}
        said = flows.tapped(news.template) if kind.is_start else {}
        labels = [(port.id, said.get(port.id) or port.label) for port in ports(node)]
        found.append({"id": id, "kind": node.kind, "start": kind.is_start, "takes_in": takes_in, "ports": labels, "box": box})
    return found


def _flow(flow_id: str) -> Flow:
    news = flows.news_since(g.workspace_id, flow_id, -1, "", g.user_id)
    assert news is not None
    return news.flow
