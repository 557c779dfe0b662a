"""Trying a step that reaches outside, from its panel, with sample values."""

from __future__ import annotations

from typing import Any

from flask import g, request

from flowbuilder.core import webcall
from flowbuilder.core.flow import Node
from flowbuilder.core.nodes import limits
from flowbuilder.errors import FlowBuilderError, NotFound
from flowbuilder.services.conversations import http
from flowbuilder.store.accounts import Role
from flowbuilder.web.flows import bp
from flowbuilder.web.flows.found import flow_with
from flowbuilder.web.policy import allow
from flowbuilder.web.render import render

_PAGE = "flows/nodes/http_request.html"
_PREFIX = "sample."


@bp.post("/flows/<flow_id>/steps/<step>/try")
@allow(Role.DESIGNER, max_bytes=200_000)
def try_request(flow_id: str, step: str) -> str:
    node = _node(flow_id, step)
    for finding in limits(node):
        return render(_PAGE, "tried", problem=finding.text)
    values = {name.removeprefix(_PREFIX): value for name, value in request.form.items() if name.startswith(_PREFIX)}
    asked = webcall.filled(node.data, values)
    try:
        result = http.try_(g.workspace_id, asked)
    except FlowBuilderError as error:
        return render(_PAGE, "tried", problem=error.text)
    return render(_PAGE, "tried", problem="", request=asked, **_judged(node, result))


def _node(flow_id: str, step: str) -> Node:
    node = flow_with(flow_id, step).nodes[step]
    if node.kind != "http_request":
        raise NotFound("This step is no longer in the flow.")
    return node


def _judged(node: Node, result: dict[str, Any]) -> dict[str, Any]:
    """The result and what is kept from it, as the flow would see them: from what is no JSON nothing can be kept."""
    outputs = [(one["variable"], webcall.picked(one["path"], result.get("json"))) for one in node.data["outputs"]]
    if outputs and "json" not in result and not result.get("error"):
        result = result | {"error": "Its answer is not JSON, so nothing can be kept from it: the flow goes on through Failure."}
    return {"result": result, "outputs": outputs}
