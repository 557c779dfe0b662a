"""A/B split: sends each person one of several ways, by shares of all. The same person always falls the same way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from flowbuilder.core import card
from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Node, Port
from flowbuilder.core.nodes.base import Context, NodeKind, name_of
from flowbuilder.core.nodes.limits import repeated
from flowbuilder.core.nodes.moves import Leave, Move

WHOLE = 100


class Split(NodeKind):
    name = "split"
    label = "A/B split"
    icon = "git-fork"
    tone = "cyan"
    group = "Logic"
    order = 20

    def ports(self, node: Node) -> tuple[Port, ...]:
        return tuple(Port(one["id"], f"{label_of(one, at)} · {one['share']} %") for at, one in enumerate(node.data["shares"]))

    def blank(self) -> dict[str, Any]:
        return {"shares": [{"id": "s1", "label": "", "share": 50}, {"id": "s2", "label": "", "share": 50}]}

    def texts(self, node: Node) -> tuple[str, ...]:
        return ()

    def summary(self, node: Node) -> str:
        return ", ".join(one["label"] for one in node.data["shares"] if one["label"])

    def height(self, node: Node) -> int:
        return card.HEAD

    def enter(self, node: Node, context: Context) -> Move:
        return Leave(chosen(node.data["shares"], f"{context.person}:{node.id}"))

    def limits(self, node: Node) -> Iterator[Finding]:
        owner, shares = name_of(self, node), node.data["shares"]
        if len(shares) < 2:
            yield Finding("empty", f"{owner}: add a share; at least two are needed.", node=node.id, field="shares")
        total = sum(one["share"] for one in shares)
        if total != WHOLE:
            yield Finding("shares", f"{owner}: the shares come to {total} %. Make them come to 100 %.", node=node.id, field="shares")
        for label in repeated(label_of(one, at).casefold() for at, one in enumerate(shares)):
            text = f"{owner}: two shares are called “{label}”. Give each its own name."
            yield Finding("repeated", text, node=node.id, field="shares")


def label_of(share: Mapping[str, Any], at: int) -> str:
    return share["label"].strip() or (chr(ord("A") + at) if at < 26 else f"Share {at + 1}")


def chosen(shares: list[Mapping[str, Any]], lot: str) -> str:
    """The id of the share into which ``lot`` falls: by its digest, so that nothing is kept and nothing is random."""
    total = sum(one["share"] for one in shares)
    fallen = int.from_bytes(sha256(lot.encode()).digest()[:8], "big") * total >> 64
    for one in shares:
        fallen -= one["share"]
        if fallen < 0:
            return one["id"]
    return shares[-1]["id"]


KIND = Split()
