"""Exports of Typebot (versions 3 to 6 of its format): groups of blocks, which run one after the other, and edges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flowbuilder.core.imports.building import Builder, Foreign, Imported, own_id
from flowbuilder.core.imports.steps import stays_there
from flowbuilder.core.imports.typebot_blocks import Blocks
from flowbuilder.core.imports.typebot_questions import CHOICES, QUESTIONS, ways_of
from flowbuilder.core.imports.typebot_texts import Texts

NAME = "Typebot"

_EVENTS = {"command": "a command from the page", "reply": "any reply", "invalidReply": "a reply that cannot be taken"}


def is_one(document: Any) -> bool:
    return (
        isinstance(document, dict)
        and isinstance(document.get("edges"), list)
        and (isinstance(document.get("groups"), list) or _is_old(document))
    )


def _is_old(document: Mapping[str, Any]) -> bool:
    """Before version 3 groups were called blocks, and blocks steps."""
    blocks = document.get("blocks")
    return isinstance(blocks, list) and all(isinstance(one, dict) and "steps" in one for one in blocks)


def convert(document: Mapping[str, Any]) -> tuple[Imported, ...]:
    if "groups" not in document:
        raise Foreign("This Typebot export is older than version 3. Import it into a current Typebot, and export it from there.")
    return (_Typebot(document).convert(),)


class _Typebot:
    def __init__(self, document: Mapping[str, Any]) -> None:
        self.groups = {group["id"]: group for group in document["groups"] if group.get("blocks")}
        self.targets = {edge["id"]: edge["to"] for edge in document["edges"]}
        self.own = ("current", document.get("id"))
        self.builder = Builder(NAME, str(document.get("name") or NAME))
        self.texts = Texts(self.builder, document)
        self.kinds = Blocks(self.builder, self.texts, document)
        self.first = self._first(document)
        self.stands_for: dict[str, str] = {}
        self.blocks = {
            block["id"]: (block, group["blocks"][at + 1]["id"] if at + 1 < len(group["blocks"]) else None)
            for group in self.groups.values()
            for at, block in enumerate(group["blocks"])
        }

    def convert(self) -> Imported:
        plans = [(group, list(self._plan(group))) for group in self.groups.values()]
        for group, plan in plans:
            self._add(group, plan)
        for _, plan in plans:
            for block, _ in plan:
                self._connect(block)
        return self.builder.build(self._target(self.first) if self.first else None)

    def _first(self, document: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Where the start leads: an event since version 6, a block of its own group before."""
        first = None
        for event in document.get("events") or ():
            if event.get("type") == "start" and event.get("outgoingEdgeId"):
                first = self.targets.get(event["outgoingEdgeId"])
            elif event.get("outgoingEdgeId"):
                text = f"What follows on {_EVENTS.get(event.get('type'), 'an event')}: nothing leads to it here."
                self.builder.left_out(f"Event “{event.get('type')}”", text)
        if first:
            return first
        for id, group in tuple(self.groups.items()):
            if group["blocks"][0].get("type") == "start":
                del self.groups[id]
                return self.targets.get(group["blocks"][0].get("outgoingEdgeId") or "")
        return {"groupId": next(iter(self.groups))} if self.groups else None

    def _plan(self, group: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str]]:
        """The blocks that become steps; a text right before a question becomes its words."""
        words, holder = "", None
        for block in group["blocks"]:
            is_question = block["type"] in QUESTIONS or block["type"] in CHOICES
            if holder is not None and is_question:
                self.stands_for[holder["id"]] = block["id"]
                yield block, words
                holder = None
                continue
            if holder is not None:
                yield holder, words
                holder = None
            if block["type"] == "text" and not block.get("outgoingEdgeId"):
                words, holder = self.texts.of_bubble(block), block
            else:
                yield block, self.texts.of_bubble(block) if block["type"] == "text" else ""
        if holder is not None:
            yield holder, words

    def _add(self, group: Mapping[str, Any], plan: list[tuple[Mapping[str, Any], str]]) -> None:
        where = str(group.get("title") or "")
        at = group.get("graphCoordinates") or {}
        x, y = at.get("x", 0) * 1.6, at.get("y", 0) * 1.6
        for place, (block, words) in enumerate(plan):
            if self._jump(block) or not self.kinds.add(block, words, where, (x + place * 300, y)):
                self.stands_for[block["id"]] = ""

    def _jump(self, block: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Where a block leads within the same Typebot, if that is all it does."""
        options = block.get("options") or {}
        if block["type"] == "Jump":
            return options or {"groupId": ""}
        if block["type"] == "Typebot link" and options.get("typebotId") in self.own:
            return options if options.get("groupId") else self.first
        return None

    def _connect(self, block: Mapping[str, Any]) -> None:
        """By its own edges; without one it goes on with the next block of its group."""
        if self.stands_for.get(block["id"]) == "":
            return
        own = self.targets.get(block.get("outgoingEdgeId") or "")
        after = self._target(own) if own else self._step_at(self.blocks[block["id"]][1])
        connect, id = self.builder.connect, block["id"]
        kind = self.builder.nodes[own_id(id)].kind
        for way in ways_of(block):
            edge = self.targets.get(way.get("outgoingEdgeId") or "")
            connect(id, own_id(way["id"]), self._target(edge) if edge else after)
        if kind == "condition":
            connect(id, "otherwise", after)
        elif kind == "open_question":
            connect(id, "answered", after)
        elif kind == "go_to_flow" and after:
            stays_there(self.builder, "")
        elif kind not in ("answer_options", "split"):
            self.builder.lead(id, after)

    def _target(self, to: Mapping[str, Any]) -> str | None:
        """The step behind an edge: a block, or the first one of a group."""
        return self._step_at(to.get("blockId") or self._first_of(to.get("groupId") or ""))

    def _first_of(self, group_id: str) -> str | None:
        return self.groups[group_id]["blocks"][0]["id"] if group_id in self.groups else None

    def _step_at(self, id: str | None) -> str | None:
        """The step that stands for a block: itself, the question that took its words, or what follows one that was left out."""
        seen: set[str] = set()
        while id is not None and id not in seen:
            seen.add(id)
            if step := self.stands_for.get(id, id if id in self.blocks else ""):
                return step
            block, after = self.blocks.get(id, ({"type": ""}, None))
            to = self._jump(block) or self.targets.get(block.get("outgoingEdgeId") or "")
            id = (to.get("blockId") or self._first_of(to.get("groupId") or "")) if to else after
        return None
