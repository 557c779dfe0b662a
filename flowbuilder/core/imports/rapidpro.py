"""Exports of RapidPro and TextIt (version 13 of the format): nodes of actions, routers that wait or split, and exits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from flowbuilder.core.conditions import UNARY, Operator
from flowbuilder.core.imports.building import NO_REPLY, RETRY, Builder, Foreign, Imported, has_kind, options_of, shares_of
from flowbuilder.core.message import cut

NAME = "RapidPro"

_EXPRESSION = re.compile(r"@(?:\(((?:[^()\n]|\([^()\n]*\)){1,80})\)|((?:results|fields|contact|urns)(?:\.[a-z0-9_]+)+))")
_CONTACT = {
    "contact.name": "contact.name",
    "contact.first_name": "contact.name",
    "urns.whatsapp": "contact.phone",
    "urns.tel": "contact.phone",
    "contact.urn": "contact.phone",
}
_PROPERTIES = ("category_localized", "category", "value", "input")
_NAMED = re.compile(r"\{\{([a-z0-9_.]+)\}\}")
_WORDS = frozenset({"has_any_word", "has_all_words", "has_phrase", "has_only_phrase", "has_only_text", "has_beginning"})
_TYPED = {"has_number": "number", "has_date": "date", "has_phone": "phone", "has_email": "email"}
_HINTS = {"image": "image", "audio": "audio", "video": "file", "location": "location"}
_OPERATORS = {
    "has_any_word": Operator.CONTAINS, "has_all_words": Operator.CONTAINS, "has_phrase": Operator.CONTAINS,
    "has_only_phrase": Operator.EQUALS, "has_only_text": Operator.EQUALS, "has_beginning": Operator.STARTS_WITH,
    "has_text": Operator.IS_FILLED, "has_category": Operator.EQUALS, "has_number_eq": Operator.EQUALS,
    "has_number_gt": Operator.GREATER, "has_number_gte": Operator.AT_LEAST, "has_number_lt": Operator.LESS,
    "has_number_lte": Operator.AT_MOST,
}  # fmt: skip
_ACTIONS = {
    "add_contact_groups": "adding to groups", "remove_contact_groups": "removing from groups", "set_contact_field": "a contact field",
    "set_contact_name": "naming the contact", "set_contact_language": "the contact's language", "set_run_result": "setting a result",
    "enter_flow": "going to another flow", "call_webhook": "calling an address", "call_resthook": "calling an address",
    "send_email": "sending an e-mail", "open_ticket": "handing over to a person", "add_input_labels": "labels",
    "start_session": "starting others in a flow", "send_broadcast": "messages to others", "transfer_airtime": "airtime",
}  # fmt: skip


def is_one(document: Any) -> bool:
    flows = document.get("flows") if isinstance(document, dict) else None
    return isinstance(flows, list) and all(isinstance(flow, dict) for flow in flows) and "version" in document


def convert(document: Mapping[str, Any]) -> tuple[Imported, ...]:
    if any("action_sets" in flow for flow in document["flows"]):
        raise Foreign("This RapidPro export is older than version 13. Import it into a current RapidPro, and export it from there.")
    if not document["flows"]:
        raise Foreign("There is no flow in this RapidPro export.")
    return tuple(_RapidPro(flow).convert() for flow in document["flows"])


class _RapidPro:
    def __init__(self, flow: Mapping[str, Any]) -> None:
        self.nodes = {node["uuid"]: node for node in flow["nodes"]}
        self.places = (flow.get("_ui") or {}).get("nodes") or {}
        self.builder = Builder(NAME, str(flow.get("name") or NAME))
        self.first = flow["nodes"][0]["uuid"] if flow["nodes"] else None
        self.asked: dict[str, str] = {}
        self.retries: dict[str, str] = {}
        self.taken: set[str] = set()
        self.said_again: set[str] = set()
        self.first_of: dict[str, str] = {}
        self.last_of: dict[str, str] = {}

    def convert(self) -> Imported:
        self._give_words()
        for id, node in self.nodes.items():
            self._add(id, node)
        for id, node in self.nodes.items():
            self._connect(id, node)
        return self.builder.build(self._entry(self.first))

    def _give_words(self) -> None:
        """The last message before a wait is what is asked there; one that comes back to it is said after a wrong answer."""
        for id, node in self.nodes.items():
            actions = node.get("actions") or ()
            wait = self._only_exit(node)
            if node.get("router") or not actions or actions[-1]["type"] != "send_msg" or not _waits(self.nodes.get(wait or "")):
                continue
            is_again = self._comes_back(wait, id)
            words = self.retries if is_again else self.asked
            if wait not in words:
                words[wait] = self._text(actions[-1])
                self.taken.add(actions[-1]["uuid"])
                if is_again:
                    self.said_again.add(id)

    def _comes_back(self, wait: str | None, id: str) -> bool:
        return any(exit.get("destination_uuid") == id for exit in self.nodes[wait or ""]["exits"])

    def _add(self, id: str, node: Mapping[str, Any]) -> None:
        if id in self.said_again:
            return
        at = (self.places.get(id) or {}).get("position") or {}
        x, y = at.get("left", 0) * 1.7, at.get("top", 0) * 1.7
        steps = [self._action(action, (x, y + place * 220)) for place, action in enumerate(node.get("actions") or ())]
        steps = [step for step in steps if step]
        for before, after in zip(steps, steps[1:], strict=False):
            self.builder.connect(before, "next", after)
        router = node.get("router")
        own = self._router(id, router, (x + (300 if steps else 0), y)) if router else None
        if own and steps:
            self.builder.connect(steps[-1], "next", own)
        if own or steps:
            self.first_of[id], self.last_of[id] = (steps or [own])[0], own or steps[-1]

    def _action(self, action: Mapping[str, Any], at: tuple[float, float]) -> str | None:
        if action["uuid"] in self.taken:
            return None
        if action["type"] in ("set_run_result", "set_contact_field") and has_kind("set_variable"):
            name = action.get("name") or (action.get("field") or {}).get("key") or ""
            value = self._names(str(action.get("value") or ""))
            return self.builder.add(action["uuid"], "set_variable", at, variable=self._variable(name), type="text", value=value)
        if action["type"] != "send_msg":
            what = _ACTIONS.get(action["type"], f"the action “{action['type']}”")
            self.builder.left_out(self._about(action), f"There is no counterpart for {what}.")
            return None
        if action.get("attachments"):
            self.builder.left_out(self._about(action), "A message had a file; attach it to the step.")
        return self.builder.add(action["uuid"], "message", at, text=self._text(action))

    def _router(self, id: str, router: Mapping[str, Any], at: tuple[float, float]) -> str | None:
        name = router.get("result_name") or ""
        if router["type"] == "random" and has_kind("split") and len(router["categories"]) > 1:
            return self.builder.add(id, "split", at, shares=shares_of([(one["uuid"], one["name"], 1) for one in router["categories"]]))
        if router["type"] != "switch":
            self.builder.left_out("A split", "People were divided by chance; they all take the first way here.")
            return None
        if not router.get("wait"):
            return self._split(id, router, at)
        cases, text = router.get("cases") or (), self.asked.get(id, "")
        if not text:
            self.builder.changed(name or "A question", "A question has no words of its own. Write what is asked.")
        shared = {"text": text, "tries": 3, "retry_text": self.retries.get(id) or RETRY}
        if cases and all(case["type"] in _WORDS for case in cases):
            return self._options(id, router, at, shared)
        hint = _HINTS.get((router["wait"].get("hint") or {}).get("type") or "", "text")
        answer = next((_TYPED[kind] for case in cases for kind in _TYPED if case["type"].startswith(kind)), hint)
        step = self.builder.add(id, "open_question", at, answer=answer, variable=self._variable(name), **shared)
        if any(case["type"] not in _TYPED and case["type"] != "has_text" for case in cases):
            split = self._split(f"{id}-split", router, (at[0] + 300, at[1]), self._variable(name))
            self.builder.connect(step, "answered", split)
        return step

    def _options(self, id: str, router: Mapping[str, Any], at: tuple[float, float], shared: Mapping[str, Any]) -> str:
        notes: list[str] = []
        used = {case["category_uuid"] for case in router["cases"]}
        data = options_of([(one["uuid"], one["name"]) for one in router["categories"] if one["uuid"] in used], notes)
        name = router.get("result_name") or "A question"
        for note in (*notes, "Answers were recognized by words; here they are tapped, or typed as they read."):
            self.builder.changed(name, note)
        variable = self._variable(router["result_name"]) if router.get("result_name") else None
        return self.builder.add(id, "answer_options", at, variable=variable, **shared, **data)

    def _split(self, id: str, router: Mapping[str, Any], at: tuple[float, float], variable: str = "") -> str:
        names = _NAMED.findall(self._names(router.get("operand") or ""))
        if not variable and not names:
            self.builder.changed(
                "A split", f"It looked at {router.get('operand') or 'something'}, which is not known here. Choose a variable."
            )
        variable = variable or (names[0] if names else self._variable(""))
        branches: dict[str, dict[str, Any]] = {}
        labels = {one["uuid"]: one["name"] for one in router["categories"]}
        for case in router.get("cases") or ():
            branch = branches.setdefault(
                case["category_uuid"],
                {"id": case["category_uuid"], "label": labels.get(case["category_uuid"], "")[:60], "match": "any", "tests": []},
            )
            tests = list(self._tests(case, variable))
            branch["match"] = "all" if case["type"] == "has_number_between" else "any"
            branch["tests"] += tests
        return self.builder.add(id, "condition", at, branches=list(branches.values()))

    def _tests(self, case: Mapping[str, Any], variable: str) -> Iterator[dict[str, Any]]:
        given = [self._names(str(one)) for one in case.get("arguments") or ()]
        if case["type"] == "has_number_between" and len(given) == 2:
            yield {"variable": variable, "operator": str(Operator.AT_LEAST), "value": given[0]}
            yield {"variable": variable, "operator": str(Operator.AT_MOST), "value": given[1]}
            return
        operator = _OPERATORS.get(case["type"]) or (Operator.IS_FILLED if case["type"] in _TYPED else None)
        if operator is None:
            self.builder.changed("A split", f"It asked “{case['type']}”, which is not known here; it became “contains”. Look at it.")
        words = given[0].split() if case["type"] == "has_any_word" and given and given[0].split() else given[:1] or [""]
        for word in words:
            test = {"variable": variable, "operator": str(operator or Operator.CONTAINS)}
            yield test if operator in UNARY else {**test, "value": word}

    def _connect(self, id: str, node: Mapping[str, Any]) -> None:
        last = self.last_of.get(id)
        if not last:
            return
        kind, router = self.builder.nodes[last].kind, node.get("router")
        if not router or kind in ("message", "set_variable"):
            self.builder.connect(last, "next", self._entry(self._only_exit(node)))
            return
        exits = {exit["uuid"]: exit.get("destination_uuid") for exit in node["exits"]}
        ways = {one["uuid"]: self._entry(exits.get(one["exit_uuid"])) for one in router["categories"]}
        other = ways.get(router.get("default_category_uuid") or "")
        silent = ((router.get("wait") or {}).get("timeout") or {}).get("category_uuid")
        if silent:
            self.builder.wait_at(last, int(router["wait"]["timeout"].get("seconds") or 0))
            self.builder.connect(last, NO_REPLY, ways.get(silent))
        split = f"{id}-split"
        if kind == "open_question" and split in self.builder.nodes:
            for category, to in ways.items():
                self.builder.connect(split, category, to)
            self.builder.connect(split, "otherwise", other)
        elif kind == "open_question":
            used = [case["category_uuid"] for case in router.get("cases") or ()]
            self.builder.connect(last, "answered", ways.get(used[0]) if used else other)
            self.builder.connect(last, "otherwise", other if used else None)
        else:
            for category, to in ways.items():
                self.builder.connect(last, category, to)
            self.builder.connect(last, "otherwise", other)

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

    def _text(self, action: Mapping[str, Any]) -> str:
        return self._names(str(action.get("text") or ""))

    def _names(self, text: str) -> str:
        """Results, fields and the contact's own data by the names that they have here."""

        def name(found: re.Match[str]) -> str:
            path = (found[1] or found[2]).strip()
            if path in _CONTACT:
                return f"{{{{{_CONTACT[path]}}}}}"
            parts = [part for part in path.split(".") if part not in _PROPERTIES]
            if len(parts) < 2 or not all(re.fullmatch(r"[a-z0-9_]+", part) for part in parts):
                self.builder.changed(cut(text, 40), f"The expression {found[0]} is not known here. Write it anew.")
                return found[0]
            return f"{{{{{self._variable(parts[-1])}}}}}"

        return _EXPRESSION.sub(name, text)

    def _variable(self, name: str) -> str:
        """Results are named freely and spoken of in small letters."""
        return self.builder.variable(re.sub(r"[^a-z0-9]+", "_", name.lower()) or "answer")

    def _about(self, action: Mapping[str, Any]) -> str:
        return cut(" ".join(str(action.get("text") or action.get("name") or "").split()), 60) or "A step"


def _waits(node: Mapping[str, Any] | None) -> bool:
    return bool(((node or {}).get("router") or {}).get("wait"))
