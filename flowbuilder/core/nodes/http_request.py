"""HTTP request: calls another program, and keeps parts of its JSON answer in variables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flowbuilder.core import card, webcall
from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Node, Port
from flowbuilder.core.nodes.base import Context, NodeKind, Stay, name_of
from flowbuilder.core.nodes.limits import variable_name
from flowbuilder.core.nodes.moves import Ask, Leave, Move
from flowbuilder.core.run import Input
from flowbuilder.core.variables import names_in

SUCCESS, FAILURE = Port("success", "Success"), Port("failure", "Failure")

_LONGEST = 10
"""Seconds, with all tries."""


class HttpRequest(NodeKind):
    name = "http_request"
    label = "HTTP request"
    icon = "api"
    tone = "indigo"
    group = "Connected"
    order = 10
    waits = True
    waits_for = "result"

    def ports(self, node: Node) -> tuple[Port, ...]:
        return SUCCESS, FAILURE

    def blank(self) -> dict[str, Any]:
        return {"method": "GET", "url": "", "headers": [], "body": "", "outputs": []}

    def texts(self, node: Node) -> tuple[str, ...]:
        data = node.data
        return data["url"], data["body"] if data["method"] in webcall.WITH_BODY else "", *(one.get("value", "") for one in data["headers"])

    def assigns(self, node: Node) -> Mapping[str, tuple[str, ...]]:
        return {SUCCESS.id: tuple(one["variable"] for one in node.data["outputs"] if one["variable"])}

    def summary(self, node: Node) -> str:
        return f"{node.data['method']} {node.data['url']}" if node.data["url"] else ""

    def height(self, node: Node) -> int:
        return card.HEAD + card.formula(1 + len(node.data["outputs"][:3]))

    def enter(self, node: Node, context: Context) -> Move:
        return Ask(webcall.filled(node.data, context.variables))

    def take(self, node: Node, input: Input, context: Context) -> Move:
        result = input.result or {}
        if result.get("error"):
            return Leave(FAILURE.id)
        outputs = node.data["outputs"]
        if outputs and "json" not in result:
            return Leave(FAILURE.id)
        for one in outputs:
            context.assign(one["variable"], webcall.picked(one["path"], result["json"]))
        return Leave(SUCCESS.id)

    def lasts(self, node: Node, port: str) -> Stay:
        return Stay(0, _LONGEST)

    def shows(self, node: Node) -> str:
        return ""

    def limits(self, node: Node) -> Iterator[Finding]:
        owner, data = name_of(self, node), node.data
        if problem := webcall.address_problem(data["url"]):
            yield Finding("address", f"{owner}: {problem}", node=node.id, field="url")
        if data["method"] in webcall.WITH_BODY and (problem := webcall.body_problem(data["body"])):
            yield Finding("not_json", f"{owner}: {problem}", node=node.id, field="body")
        for one in data["headers"]:
            if problem := webcall.header_problem(one):
                yield Finding("header", f"{owner}: {problem}", node=node.id, field="headers")
        for one in data["outputs"]:
            yield from variable_name(node, owner, "outputs", one["variable"], required=True)
            if problem := webcall.path_problem(one["path"]):
                yield Finding("path", f"{owner}: {problem}", node=node.id, field="outputs")

    def secrets(self, node: Node) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one["secret"] for one in node.data["headers"] if one.get("secret")))

    def samples(self, node: Node) -> tuple[str, ...]:
        """The variables that are asked for when it is tried."""
        return names_in(*self.texts(node))


KIND = HttpRequest()
