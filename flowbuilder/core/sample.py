"""What a person would see of a step: the step itself says it, to nobody."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flowbuilder.core import message
from flowbuilder.core.flow import Flow, Node
from flowbuilder.core.message import Content
from flowbuilder.core.nodes import kind_of
from flowbuilder.core.run import Input, InputKind
from flowbuilder.core.variables import fill, names_in


def said(flow: Flow, node: Node, examples: Mapping[str, str], now: datetime) -> tuple[tuple[str, Content], ...]:
    """What it says when a run comes by, each with the case in which it is said, where that depends on one.

    A variable without an example stays in its braces.
    """
    kind = kind_of(node)
    if kind.is_start or kind.is_apart:
        return ()
    listener = _Listener(flow, examples, now)
    for listener.case, known in kind.imagined(node).items():
        listener.variables = {**examples, **known}
        kind.enter(node, listener)
    if kind.rehearsed:
        kind.take(node, Input(InputKind.RESULT, result=kind.rehearsed), listener)
    return tuple(listener.heard)


class _Listener:
    """A ``Context`` that only listens."""

    def __init__(self, flow: Flow, examples: Mapping[str, str], now: datetime) -> None:
        self.variables: Mapping[str, str] = examples
        self.labels: Mapping[str, str] = {}
        self.settings, self.now, self.since, self.person, self.tries = flow.settings, now, now, "", 0
        self.scratch: dict[str, Any] = {}
        self.case = ""
        self.heard: list[tuple[str, Content]] = []

    def fill(self, text: str) -> str:
        return fill(text, {name: f"{{{{{name}}}}}" for name in names_in(text)} | dict(self.variables))

    def say(self, content: Content) -> None:
        if fitting := message.fitted(content):
            self.heard.append((self.case, fitting))

    def assign(self, variable: str, value: str, why: str = "") -> None: ...

    def authorize(self, answer: str, wording: Mapping[str, str]) -> None: ...

    def missed(self, tries: int, reason: str) -> bool:
        return False
