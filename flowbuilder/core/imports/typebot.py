"""Exports of Typebot (versions 3 to 6 of its format): groups of blocks, which run one after the other, and edges."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from flowbuilder.core.conditions import UNARY, Operator
from flowbuilder.core.imports.building import (
    MOST_SILENCE,
    RETRY,
    TEXT_MAX,
    Builder,
    Foreign,
    Imported,
    own_id,
)
from flowbuilder.core.imports.steps import options_of, shares_of
from flowbuilder.core.nodes import KINDS

NAME = "Typebot"

_ONE_NAME = re.compile(r"\{\{[a-z0-9_.]+\}\}")
_VARIABLE = re.compile(r"\{\{\s*([^{}\n]{1,80}?)\s*\}\}")
_QUESTIONS = {
    "text input": "text", "number input": "number", "email input": "email", "date input": "date", "phone number input": "phone",
    "url input": "text", "rating input": "number", "time input": "text", "file input": "file",
}  # fmt: skip
_OPERATORS = {
    "Equal to": Operator.EQUALS, "Not equal": Operator.NOT_EQUALS, "Contains": Operator.CONTAINS,
    "Does not contain": Operator.NOT_CONTAINS, "Greater than": Operator.GREATER, "Less than": Operator.LESS,
    "Greater or equal to": Operator.AT_LEAST, "Less or equal to": Operator.AT_MOST, "Starts with": Operator.STARTS_WITH,
    "Ends with": Operator.ENDS_WITH, "Is set": Operator.IS_FILLED, "Is empty": Operator.IS_EMPTY,
}  # fmt: skip
_MEDIA = {"image": "picture", "video": "video", "audio": "sound", "embed": "embedded page"}
_MARKS = (("bold", "*"), ("italic", "_"))


def is_one(document: Any) -> bool:
    return isinstance(document, dict) and isinstance(document.get("groups"), list) and isinstance(document.get("edges"), list)


def convert(document: Mapping[str, Any]) -> tuple[Imported, ...]:
    return (_Typebot(document).convert(),)


class _Typebot:
    def __init__(self, document: Mapping[str, Any]) -> None:
        self.groups = {group["id"]: group for group in document["groups"] if group.get("blocks")}
        self.targets = {edge["id"]: edge["to"] for edge in document["edges"]}
        self.variables = {one["id"]: one["name"] for one in document.get("variables") or ()}
        self.builder = Builder(NAME, str(document.get("name") or NAME))
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
        for event in document.get("events") or ():
            if event.get("type") == "start" and event.get("outgoingEdgeId"):
                return self.targets.get(event["outgoingEdgeId"])
        for id, group in tuple(self.groups.items()):
            if group["blocks"][0].get("type") == "start":
                del self.groups[id]
                return self.targets.get(group["blocks"][0].get("outgoingEdgeId") or "")
        return {"groupId": next(iter(self.groups))} if self.groups else None

    def _plan(self, group: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], str]]:
        """The blocks that become steps; a text right before a question becomes its words."""
        words, holder = "", None
        for block in group["blocks"]:
            is_question = block["type"] in _QUESTIONS or block["type"] == "choice input"
            if holder is not None and is_question:
                self.stands_for[holder["id"]] = block["id"]
                yield block, words
                holder = None
                continue
            if holder is not None:
                yield holder, words
                holder = None
            if block["type"] == "text" and not block.get("outgoingEdgeId"):
                words, holder = self._text(block), block
            else:
                yield block, self._text(block) if block["type"] == "text" else ""
        if holder is not None:
            yield holder, words

    def _add(self, group: Mapping[str, Any], plan: list[tuple[Mapping[str, Any], str]]) -> None:
        where = str(group.get("title") or "")
        at = group.get("graphCoordinates") or {}
        x, y = at.get("x", 0) * 1.6, at.get("y", 0) * 1.6
        for place, (block, words) in enumerate(plan):
            self._step(block, words, where, (x + place * 300, y))

    def _step(self, block: Mapping[str, Any], words: str, where: str, at: tuple[float, float]) -> None:
        add, kind, id = self.builder.add, block["type"], block["id"]
        options = block.get("options") or {}
        match kind:
            case "text":
                add(id, "message", at, text=words)
            case "choice input":
                self._choice(block, words, where, at)
            case "Condition":
                add(id, "condition", at, branches=[self._branch(item, where) for item in block.get("items") or ()])
            case "Redirect":
                add(id, "message", at, text=self._names(str(options.get("url") or "")))
                self.builder.changed(where, "A redirection became a message with the link.")
            case "Set variable" if options.get("variableId") in self.variables:
                self._set(block, where, at)
            case "Wait" if str(options.get("secondsToWaitFor") or "").isdecimal():
                seconds = max(1, min(MOST_SILENCE, int(options["secondsToWaitFor"])))
                add(id, "wait", at, **{**KINDS["wait"].blank(), "mode": "for", "seconds": seconds})
            case "AB test" if len(block.get("items") or ()) == 2:
                a = options.get("aPercent", 50)
                weights = (a, 100 - a) if type(a) is int and 0 <= a <= 100 else (50, 50)
                items = [(item["id"], label, weight) for item, label, weight in zip(block["items"], "AB", weights, strict=True)]
                add(id, "split", at, shares=shares_of(items))
            case _ if kind in _QUESTIONS:
                self._question(block, words, where, at)
            case _ if kind in _MEDIA:
                add(id, "message", at, text=self._names(str((block.get("content") or {}).get("url") or "")))
                self.builder.changed(where, f"A {_MEDIA[kind]} became a message with its link. Attach the file to the step instead.")
            case "Jump":
                self.stands_for[id] = ""
            case _:
                self.stands_for[id] = ""
                self.builder.left_out(where, f"The block “{kind}” has no counterpart; the conversation goes on behind it.")

    def _set(self, block: Mapping[str, Any], where: str, at: tuple[float, float]) -> None:
        """A text as it is; a formula is taken as a text, too, and told."""
        options = block["options"]
        value = self._names(str(options.get("expressionToEvaluate") or ""))
        if (options.get("isCode") and not _ONE_NAME.fullmatch(value)) or options.get("type") not in (None, "Custom"):
            self.builder.changed(where, "A variable got its value from a formula, which stands there as a text now. Write it anew.")
        variable = self.builder.variable(self.variables[options["variableId"]])
        self.builder.add(block["id"], "set_variable", at, variable=variable, type="text", value=value[:TEXT_MAX])

    def _question(self, block: Mapping[str, Any], words: str, where: str, at: tuple[float, float]) -> None:
        options = block.get("options") or {}
        name = self.variables.get(options.get("variableId") or "")
        labels = options.get("labels") or {}
        text = words or self._names(str(labels.get("placeholder") or ""))
        if not words:
            self.builder.changed(where, "A question has no words of its own. Write what is asked.")
        retry = self._names(str(options.get("retryMessageContent") or "")) or RETRY
        variable = self.builder.variable(name or f"answer {block['id']}"[:20])
        self.builder.add(
            block["id"], "open_question", at, text=text, answer=_QUESTIONS[block["type"]], variable=variable, tries=3, retry_text=retry
        )

    def _choice(self, block: Mapping[str, Any], words: str, where: str, at: tuple[float, float]) -> None:
        options = block.get("options") or {}
        notes: list[str] = []
        data = options_of([(item["id"], self._names(str(item.get("content") or ""))) for item in block.get("items") or ()], notes)
        if options.get("isMultipleChoice"):
            notes.append("Several answers could be chosen; here it is one.")
        if not words:
            notes.append("A question has no words of its own. Write what is asked.")
        for note in notes:
            self.builder.changed(where, note)
        name = self.variables.get(options.get("variableId") or "")
        variable = self.builder.variable(name) if name else None
        self.builder.add(block["id"], "answer_options", at, text=words, variable=variable, tries=3, retry_text=RETRY, **data)

    def _branch(self, item: Mapping[str, Any], where: str) -> dict[str, Any]:
        content = item.get("content") or {}
        tests = [self._test(comparison, where) for comparison in content.get("comparisons") or ()]
        match = "any" if content.get("logicalOperator") == "OR" else "all"
        label = ", ".join(f"{test['variable']} {Operator(test['operator']).label} {test.get('value', '')}".strip() for test in tests)
        return {"id": own_id(item["id"]), "label": label[:60], "match": match, "tests": tests}

    def _test(self, comparison: Mapping[str, Any], where: str) -> dict[str, Any]:
        asked = comparison.get("comparisonOperator") or "Equal to"
        operator = _OPERATORS.get(asked)
        if operator is None:
            self.builder.changed(where, f"A condition asks “{asked}”, which is not known here; it became “is”. Look at it.")
        test = {
            "variable": self.builder.variable(self.variables.get(comparison.get("variableId") or "", "answer")),
            "operator": str(operator or Operator.EQUALS),
        }
        return test if operator in UNARY else {**test, "value": self._names(str(comparison.get("value") or ""))}

    def _connect(self, block: Mapping[str, Any]) -> None:
        """By its own edges; without one it goes on with the next block of its group."""
        if self.stands_for.get(block["id"]) == "":
            return
        own = self.targets.get(block.get("outgoingEdgeId") or "")
        after = self._target(own) if own else self._step_at(self.blocks[block["id"]][1])
        connect, id = self.builder.connect, block["id"]
        kind = self.builder.nodes[own_id(id)].kind
        for item in block.get("items") or ():
            edge = self.targets.get(item.get("outgoingEdgeId") or "")
            connect(id, own_id(item["id"]), self._target(edge) if edge else after)
        if kind == "condition":
            connect(id, "otherwise", after)
        elif kind not in ("answer_options", "split"):
            connect(id, "answered" if kind == "open_question" else "next", after)

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
            block, after = self.blocks.get(id, ({}, None))
            to = block.get("options") if block.get("type") == "Jump" else self.targets.get(block.get("outgoingEdgeId") or "")
            id = (to.get("blockId") or self._first_of(to.get("groupId") or "")) if to else after
        return None

    def _text(self, block: Mapping[str, Any]) -> str:
        content = block.get("content") or {}
        rich = content.get("richText")
        text = "\n".join(_rich(part) for part in rich) if rich else str(content.get("plainText") or "")
        return self._names(text.strip())

    def _names(self, text: str) -> str:
        return self.builder.names_of(text, _VARIABLE)


def _rich(part: Mapping[str, Any]) -> str:
    """A paragraph as WhatsApp writes it."""
    if "text" in part:
        text = str(part["text"])
        for mark, sign in _MARKS:
            if part.get(mark) and text.strip():
                inner = text.strip()
                text = text.replace(inner, f"{sign}{inner}{sign}")
        return text
    if not isinstance(part.get("children"), list):
        raise Foreign("A text of this Typebot export is not as Typebot writes it. Export it anew.")
    inside = "".join(_rich(child) for child in part["children"])
    url = part.get("url")
    return f"{inside} {url}" if url and url != inside else inside
