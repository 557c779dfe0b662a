"""The gallery: example flows with a small drawing of each, one of them looked at closely, and a flow made from it."""

from __future__ import annotations

from typing import Any

from flask import Response, g, request, url_for

from flowbuilder.core import template
from flowbuilder.core.flow import Flow
from flowbuilder.core.layout import height
from flowbuilder.core.template import TemplateContent
from flowbuilder.services.flows import gallery
from flowbuilder.store.accounts import Role
from flowbuilder.web.flows import bp
from flowbuilder.web.flows.cards import drawing
from flowbuilder.web.policy import allow
from flowbuilder.web.render import go, render

WIDTH, MARGIN = 260, 40


@bp.get("/flows/examples")
@allow(Role.VIEWER)
def examples() -> str:
    language = request.args.get("language", "en")
    shown = [one for one in gallery.examples() if one.language == language]
    tabs = [(name, url_for("flows.examples", language=id), id == language) for id, name in gallery.LANGUAGES.items()]
    return render("flows/gallery.html", shown=[(one, thumbnail(one.flow)) for one in shown], tabs=tabs)


@bp.get("/flows/examples/<name>")
@allow(Role.VIEWER)
def example_page(name: str) -> str:
    one = gallery.example(name)
    same = {other.language: other.id for other in gallery.examples() if other.conversation == one.conversation}
    tabs = [
        (label, url_for("flows.example_page", name=same[id]), same[id] == one.id) for id, label in gallery.LANGUAGES.items() if id in same
    ]
    content = TemplateContent.from_json(one.template)
    message = template.render(content, template.examples(content))
    return render("flows/example.html", example=one, tabs=tabs, message=message, drawing=drawing(one.document))


@bp.post("/flows/examples/<name>")
@allow(Role.DESIGNER)
def create_from_example(name: str) -> Response:
    draft = gallery.create_from_example(g.workspace_id, name, g.user_id)
    return go(url_for("flows.editor", flow_id=draft.id))


def thumbnail(flow: Flow) -> dict[str, Any]:
    """A flow as boxes and lines, for a drawing without words."""
    boxes = {id: (*flow.layout.get(id, (0, 0)), height(node), node.kind) for id, node in flow.nodes.items()}
    left, top = min(x for x, *_ in boxes.values()) - MARGIN, min(y for _, y, *_ in boxes.values()) - MARGIN
    right, bottom = max(x for x, *_ in boxes.values()) + WIDTH + MARGIN, max(y + h for _, y, h, _ in boxes.values()) + MARGIN
    lines = [
        (
            boxes[edge.source][0] + WIDTH,
            boxes[edge.source][1] + boxes[edge.source][2] // 2,
            boxes[edge.target][0],
            boxes[edge.target][1] + 40,
        )
        for edge in flow.connections()
    ]
    return {"view": f"{left} {top} {right - left} {bottom - top}", "boxes": list(boxes.values()), "lines": lines, "width": WIDTH}
