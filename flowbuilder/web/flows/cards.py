"""The insides of cards, and a flow as a drawing. Rendered once per content: equal steps share one rendering."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from flask import current_app, g
from markupsafe import Markup, escape

from flowbuilder.core.flow import Flow, Node, Port
from flowbuilder.core.leaving import as_said
from flowbuilder.core.nodes import KINDS, name_of, ports
from flowbuilder.core.template import TemplateContent, render
from flowbuilder.services import flows, outbound
from flowbuilder.store.flows import names as flow_names
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.web.flows.order import in_order
from flowbuilder.web.markup import whatsapp

_VARIABLE = re.compile(r"\{\{([^{}<>\n]{1,80})\}\}")
_SHOWN = 400


def cards(flow: Flow, ids: Iterable[str], template: TemplateMessage | None) -> list[dict[str, Any]]:
    """What the canvas needs of each step: its place, its name for those who hear the page, and the inside of its card."""
    ids, flow = list(ids), as_said(flow)
    sent, called = _sent(flow, ids, template), _called(flow, ids)
    return [_whole(flow, id, sent, called) for id in ids]


def all_cards(flow: Flow, template: TemplateMessage | None) -> list[dict[str, Any]]:
    """Every card in the order of the flow, for a page whose script finds them drawn: what is connected looks so at once."""
    flow = as_said(flow)
    sent, called = _sent(flow, flow.nodes, template), _called(flow, flow.nodes)
    wired: dict[str, list[str]] = {}
    for source, port in flow.edges:
        wired.setdefault(source, []).append(port)
    targets = set(flow.edges.values())
    return [_whole(flow, id, sent, called, frozenset(wired.get(id, ()))) | {"is_reached": id in targets} for id in in_order(flow)]


def _whole(flow: Flow, id: str, sent: Mapping[str, str], called: Mapping[str, str], wired: frozenset[str] = frozenset()) -> dict[str, Any]:
    node = flow.nodes[id]
    x, y = flow.layout.get(id, (0, 0))
    names = tuple((flow_id, called.get(flow_id, "")) for flow_id in KINDS[node.kind].calls(node))
    html = card(node, next((sent.get(one, "") for one in KINDS[node.kind].sends(node)), ""), wired, names)
    return {"id": id, "kind": node.kind, "x": x, "y": y, "label": name_of(node), "html": html}


def _sent(flow: Flow, ids: Iterable[str], initial: TemplateMessage | None) -> dict[str, str]:
    """What the cards show of the outbound messages that steps send, by id."""
    nodes = (flow.nodes[id] for id in ids)
    others = {one for node in nodes for one in KINDS[node.kind].sends(node)} - {initial.id if initial else ""}
    rows = [*([initial] if initial else ()), *(outbound.of_ids(g.workspace_id, others) if others else ())]
    return {row.id: _shown(row) for row in rows}


def _called(flow: Flow, ids: Iterable[str]) -> dict[str, str]:
    """The names of the flows to which steps go over, by id."""
    nodes = (flow.nodes[id] for id in ids)
    return flow_names(g.workspace_id, {flow_id for node in nodes for flow_id in KINDS[node.kind].calls(node)})


def card(node: Node, sent: str = "", wired: frozenset[str] = frozenset(), called: tuple[tuple[str, str], ...] = ()) -> str:
    """The inside of a card; ``wired`` are the ports drawn as connected, ``called`` the flows that it goes over to, with their names."""
    return _card(node.kind, json.dumps(dict(node.data), sort_keys=True), sent, wired, called)


@lru_cache(maxsize=8192)
def _card(kind: str, data: str, sent: str, wired: frozenset[str], called: tuple[tuple[str, str], ...]) -> str:
    node = Node("", kind, json.loads(data))
    ways = ports(node)
    message = json.loads(sent) if sent else None
    if message and KINDS[kind].is_start:
        titles = {"continue": message["continue"], "finish": message["finish"]}
        ways = tuple(Port(way.id, titles.get(way.id) or way.label, way.must_lead) for way in ways)
    context = {
        "node": node, "data": node.data, "kind": KINDS[kind], "ports": ways, "message": message, "wired": wired, "names": dict(called),
        "parts": parts(), "rich": rich, "said": said,
    }  # fmt: skip
    return block(f"flows/nodes/{kind}.html", "card", context)


def block(page: str, name: str, context: Mapping[str, Any]) -> str:
    """One block of a template with no more than ``context``."""
    template = current_app.jinja_env.get_template(page)
    return "".join(template.blocks[name](template.new_context(context)))


def parts() -> Any:
    """The macros that cards and panels share."""
    return current_app.jinja_env.get_template("flows/nodes/_parts.html").module


def row_parts() -> Any:
    """The macros for rows of lists in panels."""
    return current_app.jinja_env.get_template("flows/nodes/_rows.html").module


def rich(text: str) -> Markup:
    """An address or a formula as it stands on a card: cut, its variables as chips."""
    return _with_chips(escape(_cut(text)))


def said(text: str) -> Markup:
    """What people read on WhatsApp, likewise, with its bold, italic and struck words."""
    return _with_chips(whatsapp(_cut(text)))


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _with_chips(html: Markup) -> Markup:
    return Markup(_VARIABLE.sub(lambda found: f'<span class="var">{found[1].strip()}</span>', str(html)))


def _shown(template: TemplateMessage) -> str:
    """What a card shows of an outbound message, as text that tells when it must be drawn again."""
    content = TemplateContent.from_json(template.content)
    shown = render(content, {name: f"{{{{{name}}}}}" for name in _names(content)})
    about = {
        "name": template.name,
        "status": template.status,
        "body": shown.body,
        **flows.tapped(template),
    }
    return json.dumps(about, sort_keys=True)


def _names(content: TemplateContent) -> list[str]:
    return [variable.name for variable in content.variables]


def drawing(
    document: Mapping[str, Any], lit_nodes: Iterable[str] = (), lit_edges: Iterable[tuple[str, str]] = (), here: str | None = None
) -> dict[str, Any]:
    """What ``flows/_drawing.html`` draws: a flow that is only looked at, with steps and connections lit.

    ``lit_edges`` are (step, port); ``here`` is the step at which somebody stands now.
    """
    flow = Flow.from_json(document)
    lit = set(lit_nodes)
    return {
        "cards": [
            one | {"lit": one["id"] in lit, "here": one["id"] == here} for one in all_cards(flow, flows.template_of(flow, g.workspace_id))
        ],
        "edges": [[edge.source, edge.port, edge.target] for edge in flow.connections()],
        "lit_edges": [[source, port] for source, port in lit_edges],
        "has_light": bool(lit),
    }
