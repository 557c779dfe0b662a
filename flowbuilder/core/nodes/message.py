"""Message: says a text, shows a picture, a video or a document, or offers a link, and goes on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flowbuilder.core import card, message
from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Node, Port
from flowbuilder.core.links import filled_link, link_problem
from flowbuilder.core.medium import Kind, Medium
from flowbuilder.core.nodes.base import NEXT, ON, Context, NodeKind, name_of
from flowbuilder.core.nodes.limits import no_variables, text_limit
from flowbuilder.core.nodes.moves import Move

TYPES = {"text": "Text", "image": "Image", "video": "Video", "document": "Document", "link": "Link"}
_THINGS = {Kind.IMAGE: "picture", Kind.VIDEO: "video", Kind.DOCUMENT: "document"}


class Message(NodeKind):
    name = "message"
    label = "Message"
    icon = "message"
    tone = "blue"
    group = "Frequent"
    order = 10
    types = TYPES

    def ports(self, node: Node) -> tuple[Port, ...]:
        return (NEXT,)

    def blank(self) -> dict[str, Any]:
        return {"type": "text", "text": ""}

    def texts(self, node: Node) -> tuple[str, ...]:
        return node.data["text"], (node.data.get("url", "") if type_of(node) == "link" else "")

    def shows(self, node: Node) -> str:
        type = type_of(node)
        return node.data["text"] or (f"A {_THINGS[Kind(type.upper())]}" if type not in ("text", "link") else "")

    def height(self, node: Node) -> int:
        data = node.data
        medium = {"image": card.MEDIUM, "video": card.FILE, "document": card.FILE}.get(data.get("type", "text"), 0)
        has_words = bool(data["text"]) or not medium
        return card.HEAD + medium + (card.words(data["text"]) if has_words else 0) + (card.LIST if data.get("type") == "link" else 0)

    def enter(self, node: Node, context: Context) -> Move:
        context.say(_content(node, context))
        return ON

    def limits(self, node: Node) -> Iterator[Finding]:
        owner, data, type = name_of(self, node), node.data, type_of(node)
        if type == "text":
            yield from text_limit(node, owner, "text", "the text", data["text"], message.TEXT_MAX, required=True)
        elif type == "link":
            yield from text_limit(node, owner, "text", "the text", data["text"], message.BODY_MAX, required=True)
            yield from _link_limits(node, owner, data)
        else:
            yield from text_limit(node, owner, "text", "the caption", data["text"], message.CAPTION_MAX)
            yield from medium_limits(node, owner, Kind(type.upper()))


def type_of(node: Node) -> str:
    return node.data.get("type", "text")


def medium_limits(node: Node, owner: str, kind: Kind) -> Iterator[Finding]:
    """The file that a step shows is there and of the kind that it says."""
    medium = Medium.from_json(node.data.get("medium"))
    if medium is None or medium.kind is not kind:
        yield Finding("no_medium", f"{owner}: choose the {_THINGS[kind]} to show.", node=node.id, field="medium")


def _content(node: Node, context: Context) -> message.Content:
    data, type = node.data, type_of(node)
    text = context.fill(data["text"])
    if type == "text":
        return message.Text(text)
    if type == "link":
        return message.Link(text, data.get("label", ""), filled_link(data.get("url", ""), context.variables))
    return message.Shown(data.get("medium") or {}, text)


def _link_limits(node: Node, owner: str, data: Mapping[str, Any]) -> Iterator[Finding]:
    label, url = data.get("label", ""), data.get("url", "").strip()
    yield from text_limit(node, owner, "label", "the words on the button", label, message.LINK_LABEL_MAX, required=True)
    yield from no_variables(node, owner, "label", "the button", label)
    yield from text_limit(node, owner, "url", "the address of the link", url, message.LINK_MAX, required=True)
    if url and (words := link_problem(url, with_variables=True)):
        yield Finding("link", f"{owner}: {words}", node=node.id, field="url")


KIND = Message()
