"""What texts say of the word by which people leave: in a flow that has no such word that part is not said.

Only sentences that are offered here or in an example are known as such; of one's own words the checks tell (``checks.untold``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flowbuilder.core.flow import Flow
from flowbuilder.core.memory import Beside

CLAUSES = {
    "en": ", or send {{exit_word}} to leave",
    "es": ", o envía {{exit_word}} para salir",
    "pt": ", ou envie {{exit_word}} para sair",
}
"""After what is asked for; Spanish and Portuguese mostly write no comma before it."""
SENTENCES = {
    "en": "Send {{exit_word}} to leave.",
    "es": "Envía {{exit_word}} para salir.",
    "pt": "Envie {{exit_word}} para sair.",
}


def _pattern(words: str) -> str:
    return re.escape(words).replace(re.escape("{{exit_word}}"), r"\{\{\s*exit_word\s*\}\}")


_CLAUSE = re.compile("|".join(f",?{_pattern(words[1:])}" for words in CLAUSES.values()))
_SENTENCE = re.compile("|".join(rf"\s*{_pattern(words)[:-2]}(?:\.|$)" for words in SENTENCES.values()))


def without_leaving(text: str) -> str:
    """``text`` without what it says of leaving by a word."""
    if "exit_word" not in text:
        return text
    left = _SENTENCE.sub("", _CLAUSE.sub("", text))
    return text if left == text else left.strip()


def as_said(flow: Flow) -> Flow:
    """The flow with its texts as people get them, but for the values of variables."""
    return flow if flow.settings.exit_word.strip() else _SAID.get(flow, _wordless, flow)


def _wordless(flow: Flow) -> Flow:
    nodes = {id: node if (data := _each(node.data)) == node.data else replace(node, data=data) for id, node in flow.nodes.items()}
    return flow.with_(nodes=nodes, settings=replace(flow.settings, reprompt=without_leaving(flow.settings.reprompt)))


def _each(value: Any) -> Any:
    if isinstance(value, str):
        return without_leaving(value)
    if isinstance(value, Mapping):
        return {key: _each(part) for key, part in value.items()}
    return [_each(part) for part in value] if isinstance(value, list) else value


_SAID: Beside[Flow] = Beside(most=16)
