"""What a block of Typebot is here, one by one; the questions are in ``typebot_questions``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flowbuilder.core import expressions
from flowbuilder.core.conditions import UNARY, Operator
from flowbuilder.core.imports.building import MOST_SILENCE, Builder, own_id
from flowbuilder.core.imports.steps import MEDIA, go_to, hand_over, json_path, request, shares_of, show
from flowbuilder.core.imports.typebot_questions import CHOICES, QUESTIONS, Questions
from flowbuilder.core.imports.typebot_texts import Texts
from flowbuilder.core.nodes import KINDS

At = tuple[float, float]

CALLS = ("Webhook", "HTTP request", "Zapier", "Make.com", "Pabbly")
PEOPLE = ("Chatwoot", "zendesk")
_OPERATORS = {
    "Equal to": Operator.EQUALS, "Not equal": Operator.NOT_EQUALS, "Contains": Operator.CONTAINS,
    "Does not contain": Operator.NOT_CONTAINS, "Greater than": Operator.GREATER, "Less than": Operator.LESS,
    "Greater or equal to": Operator.AT_LEAST, "Less or equal to": Operator.AT_MOST, "Starts with": Operator.STARTS_WITH,
    "Ends with": Operator.ENDS_WITH, "Is set": Operator.IS_FILLED, "Is empty": Operator.IS_EMPTY,
}  # fmt: skip
_LINKED = {"image": "picture", "video": "video", "audio": "sound", "embed": "embedded page"}
_VALUES = {
    "Empty": ("text", ""), "Contact name": ("text", "{{contact.name}}"), "Phone number": ("text", "{{contact.phone}}"),
    "Now": ("date", "now"), "Today": ("date", "today"), "Tomorrow": ("date", "now + 1 days"), "Yesterday": ("date", "now - 1 days"),
}  # fmt: skip
_WITHOUT = {
    "Code": "a script", "Google Sheets": "a spreadsheet", "webhook": "waiting for a call from outside", "payment input": "a payment",
    "Return": "going back to where it came from", "Loop": "repeating", "cal-com": "booking a time", "elevenlabs": "speaking",
    "qr-code": "a QR code", "nocodb": "a table of records",
    **dict.fromkeys(("Email", "gmail"), "an e-mail"),
    **dict.fromkeys(("Google Analytics", "Pixel", "posthog", "segment"), "measuring visits"),
    **dict.fromkeys(("OpenAI", "openai", "anthropic", "mistral", "groq", "deepseek", "perplexity"), "a language model"),
    **dict.fromkeys(("together-ai", "open-router", "dify-ai", "chat-node"), "a language model"),
}  # fmt: skip
_ONE_NAME = re.compile(r"\{\{[a-z0-9_.]+\}\}")
_KEY = re.compile(r"\[\s*[\"']?([^\]\"']+)[\"']?\s*\]|([^.\[\]]+)")
_EACH = re.compile(r"(.*?)\.?flatMap\(\s*(\w+)\s*=>\s*\2\.([\w.]+)\s*\)")


class Blocks:
    def __init__(self, builder: Builder, texts: Texts, document: Mapping[str, Any]) -> None:
        self.builder, self.texts = builder, texts
        self.questions = Questions(builder, texts)
        self.calls = {one["id"]: one for one in document.get("webhooks") or ()}

    def add(self, block: Mapping[str, Any], words: str, where: str, at: At) -> bool:
        """Whether a step stands for the block; ``words`` are its text, or what was said right before a question."""
        kind, id, options = block["type"], block["id"], block.get("options") or {}
        match kind:
            case "text":
                self.builder.add(id, "message", at, text=words)
            case "Condition":
                self.builder.add(id, "condition", at, branches=[self._branch(item, where) for item in block.get("items") or ()])
            case "Redirect":
                self.builder.add(id, "message", at, text=self.texts.names(options.get("url")))
                self.builder.changed(where, "A redirection became a message with the link.")
            case "Set variable":
                return self._set(block, where, at)
            case "Wait":
                self._wait(id, options, where, at)
            case "AB test" if len(block.get("items") or ()) > 1:
                self._split(block, options, at)
            case "Typebot link":
                go_to(self.builder, id, at, "", f"the Typebot with the id “{options['typebotId']}”" if options.get("typebotId") else "")
            case _ if kind in CALLS:
                self._call(block, options, where, at)
            case _ if kind in PEOPLE and options.get("task") != "Close widget":
                hand_over(self.builder, id, at, "", str(kind).capitalize())
            case _ if kind in CHOICES or kind in QUESTIONS:
                self.questions.add(block, words, where, at)
            case _ if kind in _LINKED:
                self._show(block, where, at)
            case _:
                meant = f" ({_WITHOUT[kind]})" if kind in _WITHOUT else ""
                self.builder.left_out(where, f"The block “{kind}”{meant} has no counterpart; the conversation goes on behind it.")
                return False
        return True

    def _show(self, block: Mapping[str, Any], where: str, at: At) -> None:
        """A file to choose; what is no file, or has its address in a variable, is a link."""
        kind, content = block["type"], block.get("content") or {}
        address = str(content.get("url") or "")
        if kind in MEDIA and address.startswith(("https://", "http://")) and "{{" not in address and content.get("type") in (None, "url"):
            show(self.builder, block["id"], at, kind, address, where)
            return
        self.builder.add(block["id"], "message", at, text=self.texts.names(address or content.get("id")))
        self.builder.changed(where, f"A {_LINKED[kind]} became a message with its link.")

    def _set(self, block: Mapping[str, Any], where: str, at: At) -> bool:
        """A text as it is, a date or what is known of the person; a formula is a number's, or told and taken as a text."""
        options = block.get("options") or {}
        variable = self.texts.variable(options.get("variableId"))
        if not variable:
            self.builder.left_out(where, "A “Set variable” named no variable; the conversation goes on behind it.")
            return False
        asked = options.get("type") or "Custom"
        type, value = _VALUES.get(asked, ("text", self.texts.names(options.get("expressionToEvaluate") or options.get("item"))))
        if asked == "Custom" and options.get("isCode") and not _ONE_NAME.fullmatch(value.strip()):
            if not expressions.problem("number", value):
                type = "number"
            else:
                self.builder.changed(where, f"“{variable}” got its value from a formula, which stands there as a text now. Write it anew.")
        elif asked != "Custom" and asked not in _VALUES:
            self.builder.changed(where, f"“{variable}” got its value from “{asked}”, which is not known here. Write what it is.")
        self.builder.add(block["id"], "set_variable", at, variable=variable, type=type, value=value)
        return True

    def _wait(self, id: str, options: Mapping[str, Any], where: str, at: At) -> None:
        asked = str(options.get("secondsToWaitFor") or "0")
        is_number = re.fullmatch(r"\d{1,9}(\.\d{1,9})?", asked) is not None
        if not is_number:
            self.builder.changed(where, f"It waited for {self.texts.names(asked)} seconds. Enter how long.")
        seconds = max(1, min(MOST_SILENCE, round(float(asked)))) if is_number else 60
        self.builder.add(id, "wait", at, **{**KINDS["wait"].blank(), "mode": "for", "seconds": seconds})

    def _split(self, block: Mapping[str, Any], options: Mapping[str, Any], at: At) -> None:
        items, a = block["items"], options.get("aPercent", 50)
        is_uneven = len(items) == 2 and type(a) is int and 0 <= a <= 100
        weights = (a, 100 - a) if is_uneven else [1] * len(items)
        labels = [str(item.get("path") or number).upper() for number, item in enumerate(items, 1)]
        shares = [(item["id"], label, weight) for item, label, weight in zip(items, labels, weights, strict=True)]
        self.builder.add(block["id"], "split", at, shares=shares_of(shares))

    def _call(self, block: Mapping[str, Any], options: Mapping[str, Any], where: str, at: At) -> None:
        call = options.get("webhook") or self.calls.get(block.get("webhookId")) or options
        names, method = self.texts.names, str(call.get("method") or "POST")
        has_body = bool(call.get("body")) and options.get("isCustomBody") is not False
        if method not in ("GET", "DELETE") and not has_body:
            self.builder.to_do(where, "Its body was made of all answers. Write in HTTP request what is sent.")
        pairs = {
            key: [(str(one.get("key") or ""), names(one.get("value"))) for one in call.get(key) or ()] for key in ("headers", "queryParams")
        }
        request(
            self.builder,
            block["id"],
            at,
            method=method,
            url=names(call.get("url")),
            headers=pairs["headers"],
            query=pairs["queryParams"],
            body=names(call.get("body")) if has_body else "",
            outputs=list(self._outputs(options.get("responseVariableMapping") or (), where)),
        )

    def _outputs(self, mappings: Any, where: str) -> list[tuple[str, str]]:
        """Typebot's answer has the JSON under ``data``."""
        outputs = []
        for one in mappings:
            variable, path = self.texts.variable(one.get("variableId")), str(one.get("bodyPath") or "").strip()
            if not variable or not path:
                continue
            each = _EACH.fullmatch(path)
            keys = [key or name for key, name in _KEY.findall(each[1] if each else path)]
            if keys[:1] != ["data"] or "{{" in path or "(" in "".join(keys):
                self.builder.left_out(
                    where, f"“{variable}” was filled with “{path[:80]}” of the answer, which cannot be told here. Write its path."
                )
                continue
            inner = json_path(keys[1:]).removeprefix("@") + ("[]." + json_path(each[3].split(".")) if each else "")
            outputs.append((variable, (inner or "@")[:400]))
        return outputs

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
        variable = self.texts.variable(comparison.get("variableId")) or self.builder.variable("answer")
        test = {"variable": variable, "operator": str(operator or Operator.EQUALS)}
        return test if operator in UNARY else {**test, "value": self.texts.names(comparison.get("value"))}
