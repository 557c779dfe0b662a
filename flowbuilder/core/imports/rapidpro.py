"""Exports of RapidPro and TextIt (version 13 of the format on): nodes of actions, routers that wait or split, and exits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flowbuilder.core.imports.building import NO_REPLY, Builder, Foreign, Imported, own_id
from flowbuilder.core.imports.rapidpro_actions import Actions
from flowbuilder.core.imports.rapidpro_routers import Routers
from flowbuilder.core.imports.rapidpro_texts import Texts
from flowbuilder.core.imports.steps import stays_there

NAME = "RapidPro"

_OUTCOMES = {"call_webhook": "webhook", "call_resthook": "webhook", "enter_flow": "child", "open_ticket": "ticket"}
"""What a router asks for behind an action whose step has ways out of its own here."""

_WELL = ("success", "complete", "completed")
_COLOURS = {"blue": "blue", "pink": "pink", "green": "green", "gray": "grey"}
_WIDER = 1.7


def is_one(document: Any) -> bool:
    flows = document.get("flows") if isinstance(document, dict) else None
    return isinstance(flows, list) and all(isinstance(flow, dict) for flow in flows) and "version" in document


def convert(document: Mapping[str, Any]) -> tuple[Imported, ...]:
    if any("action_sets" in flow for flow in document["flows"]):
        raise Foreign("This RapidPro export is older than version 13. Import it into a current RapidPro, and export it from there.")
    if not document["flows"]:
        raise Foreign("There is no flow in this RapidPro export.")
    names = [flow.get("name") for flow in document["flows"]]
    return tuple(_RapidPro(flow, _phrases(document, flow), names).convert() for flow in document["flows"])


def _phrases(document: Mapping[str, Any], flow: Mapping[str, Any]) -> list[str]:
    """The words by which people start the flow themselves; older exports name one in each trigger."""
    own = [
        one
        for one in document.get("triggers") or ()
        if one.get("trigger_type") == "K" and (one.get("flow") or {}).get("uuid") == flow.get("uuid")
    ]
    return [str(word) for one in own for word in one.get("keywords") or [one.get("keyword")] if word]


class _RapidPro:
    def __init__(self, flow: Mapping[str, Any], phrases: list[str], beside: list[Any]) -> None:
        self.nodes = {node["uuid"]: node for node in flow["nodes"]}
        self.ui = flow.get("_ui") or {}
        self.languages = sorted(flow.get("localization") or {})
        self.builder = Builder(NAME, str(flow.get("name") or NAME), phrases, beside)
        self.first = flow["nodes"][0]["uuid"] if flow["nodes"] else None
        self.taken: set[str] = set()
        self.said_again: set[str] = set()
        self.first_of: dict[str, str] = {}
        self.last_of: dict[str, str] = {}
        self.outcomes = {id: found for id, node in self.nodes.items() if (found := self._outcome(node))}
        self.texts = Texts(self.builder)
        self.actions = Actions(self.builder, self.texts, self.taken)
        self.routers = Routers(self.builder, self.texts)

    def convert(self) -> Imported:
        self._give_words()
        for id, node in self.nodes.items():
            self._add(id, node)
        for id, node in self.nodes.items():
            self._connect(id, node)
        self.actions.give_outputs()
        self._add_notes()
        if self.languages:
            text = f"Its texts in other languages ({', '.join(self.languages)}). A flow speaks one language here; copy it for another."
            self.builder.left_out("The flow", text)
        return self.builder.build(self._entry(self.first))

    def _give_words(self) -> None:
        """The last message before a wait is what is asked there; one that comes back to it is said after a wrong answer."""
        for id, node in self.nodes.items():
            actions = node.get("actions") or ()
            wait = self._only_exit(node)
            if node.get("router") or not actions or actions[-1].get("type") != "send_msg" or not _waits(self.nodes.get(wait or "")):
                continue
            if wait is not None and self._comes_back(wait, id):
                if wait not in self.routers.retries:
                    self.routers.retries[wait] = self.texts.names(str(actions[-1].get("text") or ""))
                    self.taken.add(actions[-1]["uuid"])
                    self.said_again.add(id)
            elif wait is not None and wait not in self.routers.asked:
                self.routers.asked[wait] = actions[-1]
                self.taken.add(actions[-1]["uuid"])

    def _comes_back(self, wait: str, id: str) -> bool:
        return any(exit.get("destination_uuid") == id for exit in self.nodes[wait]["exits"])

    def _add(self, id: str, node: Mapping[str, Any]) -> None:
        if id in self.said_again or any(outcome["uuid"] == id != asker for asker, outcome in self.outcomes.items()):
            return
        x, y = self._place(self.ui.get("nodes"), id)
        steps: list[str] = []
        for action in node.get("actions") or ():
            for step in self.actions.steps(action, (x, y + len(steps) * 220)):
                if steps:
                    self._lead(steps[-1], step)
                steps.append(step)
        router = node.get("router")
        if router and id not in self.outcomes:
            own = self.routers.step(id, router, (x + (300 if steps else 0), y))
            if own and steps:
                self._lead(steps[-1], own)
            steps += [own] if own else []
        if steps:
            self.first_of[id], self.last_of[id] = steps[0], steps[-1]

    def _outcome(self, node: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The node that asks how the last action of this one went: itself, or one behind it that nothing else leads to."""
        action = (node.get("actions") or [{}])[-1]
        after = node if node.get("router") else self.nodes.get(self._only_exit(node) or "")
        router = (after or {}).get("router") or {}
        if action.get("type") not in _OUTCOMES or router.get("type") != "switch" or router.get("wait"):
            return None
        if after is not node and ((after or {}).get("actions") or self._entries((after or {}).get("uuid")) > 1):
            return None
        asked = re.findall(r"[a-z0-9]+", str(router.get("operand") or "").lower())
        named = re.findall(r"[a-z0-9]+", str(action.get("result_name") or "").lower())
        return after if _OUTCOMES[action["type"]] in asked or (named and set(named) <= set(asked)) else None

    def _entries(self, id: str | None) -> int:
        return sum(exit.get("destination_uuid") == id for node in self.nodes.values() for exit in node.get("exits") or ())

    def _connect(self, id: str, node: Mapping[str, Any]) -> None:
        last = self.last_of.get(id)
        if not last:
            return
        if id in self.outcomes:
            self._lead_by_outcome(last, self.outcomes[id])
        elif self.builder.nodes[last].kind in ("answer_options", "open_question", "condition", "split"):
            self._lead_by_router(last, id, node)
        else:
            self._lead(last, self._entry(self._only_exit(node)))

    def _lead(self, step: str, target: str | None) -> None:
        if target and self.builder.nodes[step].kind == "go_to_flow":
            stays_there(self.builder, self.builder.goes_to.get(step, ""))
        self.builder.lead(step, target)

    def _lead_by_outcome(self, step: str, node: Mapping[str, Any]) -> None:
        ways, router = self._ways(node), node["router"]
        named = [one["uuid"] for one in router["categories"] if str(one["name"]).lower() in _WELL]
        well = next(iter([*named, *(case["category_uuid"] for case in router.get("cases") or ())]), None)
        good = ways.get(well or "")
        bad = next((to for uuid, to in ways.items() if to and uuid != well), None)
        match self.builder.nodes[step].kind:
            case "http_request":
                self.builder.connect(step, "success", good)
                self.builder.connect(step, "failure", bad)
            case "hand_over":
                self.builder.connect(step, "given_back", good)
                self.builder.connect(step, "nobody", bad)
            case _:
                self._lead(step, good or bad)

    def _lead_by_router(self, last: str, id: str, node: Mapping[str, Any]) -> None:
        kind, router, ways = self.builder.nodes[last].kind, node["router"], self._ways(node)
        other = ways.get(router.get("default_category_uuid") or "")
        silent = ((router.get("wait") or {}).get("timeout") or {}).get("category_uuid")
        if silent:
            self.builder.wait_at(last, int(router["wait"]["timeout"].get("seconds") or 0))
            self.builder.connect(last, NO_REPLY, ways.get(silent))
        split = f"{id}-split"
        if kind == "open_question" and split in self.builder.nodes:
            self._lead_branches(split, ways)
            self.builder.connect(split, "otherwise", other)
        elif kind == "open_question":
            used = [case["category_uuid"] for case in router.get("cases") or ()]
            self.builder.connect(last, "answered", ways.get(used[0]) if used else other)
            self.builder.connect(last, "otherwise", other if used else None)
        else:
            for category, to in ways.items():
                self.builder.connect(last, category, to)
            self._lead_branches(last, ways)
            for option in self.builder.nodes[last].data.get("options") or ():
                if option["id"] not in ways:
                    self.builder.connect(last, option["id"], other)
            self.builder.connect(last, "otherwise", other)

    def _lead_branches(self, step: str, ways: Mapping[str, str | None]) -> None:
        for branch in self.builder.nodes[own_id(step)].data.get("branches") or ():
            self.builder.connect(step, branch["id"], ways.get(self.routers.category_of[branch["id"]]))

    def _ways(self, node: Mapping[str, Any]) -> dict[str, str | None]:
        """Where each category of a router leads."""
        exits = {exit["uuid"]: exit.get("destination_uuid") for exit in node["exits"]}
        return {one["uuid"]: self._entry(exits.get(one["exit_uuid"])) for one in node["router"]["categories"]}

    def _entry(self, id: str | None) -> str | None:
        """The first step of a node; what follows it, where nothing of it was taken."""
        seen: set[str] = set()
        while id in self.nodes and id not in seen:
            seen.add(id)
            if id in self.said_again:
                return None
            if step := self.first_of.get(id):
                return step
            id = self._only_exit(self.nodes[id])
        return None

    def _only_exit(self, node: Mapping[str, Any]) -> str | None:
        return next((exit["destination_uuid"] for exit in node.get("exits") or () if exit.get("destination_uuid")), None)

    def _add_notes(self) -> None:
        for id, sticky in (self.ui.get("stickies") or {}).items():
            words = "\n".join(str(sticky[part]) for part in ("title", "body") if sticky.get(part))
            colour = _COLOURS.get(sticky.get("color") or "", "yellow")
            self.builder.add(id, "note", self._place(self.ui["stickies"], id), text=words, colour=colour, size="small")

    def _place(self, places: Any, id: str) -> tuple[float, float]:
        at = ((places or {}).get(id) or {}).get("position") or {}
        return at.get("left", 0) * _WIDER, at.get("top", 0) * _WIDER


def _waits(node: Mapping[str, Any] | None) -> bool:
    return bool(((node or {}).get("router") or {}).get("wait"))
