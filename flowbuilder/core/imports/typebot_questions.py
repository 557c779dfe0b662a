"""Typebot's questions: free ones by what they take, and answers to tap, of which pictures and cards cannot show theirs here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowbuilder.core.imports.building import RETRY, Builder
from flowbuilder.core.imports.steps import options_of
from flowbuilder.core.imports.typebot_texts import Texts

QUESTIONS = {
    "text input": "text", "number input": "number", "email input": "email", "date input": "date", "phone number input": "phone",
    "url input": "text", "rating input": "number", "time input": "text", "file input": "file",
}  # fmt: skip
CHOICES = ("choice input", "picture choice input", "cards", "cards input")
_NO_WORDS = "A question has no words of its own. Write what is asked."


def ways_of(block: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What leads on from a block of its own: its items, or the buttons of its cards."""
    return [way for item in block.get("items") or () for way in (item.get("paths") or [item])]


class Questions:
    def __init__(self, builder: Builder, texts: Texts) -> None:
        self.builder, self.texts = builder, texts

    def add(self, block: Mapping[str, Any], words: str, where: str, at: tuple[float, float]) -> None:
        (self._choice if block["type"] in CHOICES else self._ask)(block, words, where, at)

    def _ask(self, block: Mapping[str, Any], words: str, where: str, at: tuple[float, float]) -> None:
        options, kind = block.get("options") or {}, block["type"]
        if not words:
            self.builder.changed(where, _NO_WORDS)
        if options.get("isRange"):
            self.builder.changed(where, "Two dates were asked for; here it is one. Ask for the other in a question of its own.")
        least, most = options.get("min"), options.get("max")
        if kind == "rating input":
            least, most = options.get("startsAt") or 1, options.get("length") or 10
        self.builder.add(
            block["id"],
            "open_question",
            at,
            text=words or self.texts.names((options.get("labels") or {}).get("placeholder")),
            answer=QUESTIONS[kind],
            variable=self.texts.variable(options.get("variableId")) or self.builder.variable(f"answer {block['id']}"[:20]),
            tries=3,
            retry_text=self.texts.names(options.get("retryMessageContent")) or RETRY,
            least=self._limit(least, kind),
            most=self._limit(most, kind),
        )

    def _limit(self, value: Any, kind: str) -> str | None:
        text = self.texts.names("" if value is None or kind not in ("number input", "rating input", "date input") else value)
        return text.replace("T", " ")[:500] or None

    def _choice(self, block: Mapping[str, Any], words: str, where: str, at: tuple[float, float]) -> None:
        options, items, names = block.get("options") or {}, block.get("items") or (), self.texts.names
        notes = [] if words else [_NO_WORDS]
        titles: list[tuple[str, ...]] = []
        for item in items:
            title, paths = names(item.get("content") or item.get("title")), item.get("paths") or ()
            if len(paths) > 1:
                titles += [(path["id"], f"{names(path.get('text'))} {title}".strip(), names(item.get("description"))) for path in paths]
            else:
                titles.append((paths[0]["id"] if paths else item["id"], title, names(item.get("description"))))
        data = options_of(titles, notes)
        if options.get("isMultipleChoice"):
            notes.append("Several answers could be chosen; here it is one.")
        if any(item.get("pictureSrc") or item.get("imageUrl") for item in items):
            notes.append("The pictures of its answers are left out, as WhatsApp shows none beside answers.")
        if options.get("dynamicVariableId") or (options.get("dynamicItems") or {}).get("isEnabled"):
            notes.append("Its answers came from a variable; here they are fixed. Write them.")
        if any((item.get("displayCondition") or {}).get("isEnabled") for item in items):
            notes.append("Some answers were shown on a condition only; here they always are.")
        for note in notes:
            self.builder.changed(where, note)
        mapped = (one.get("variableId") for one in options.get("saveResponseMapping") or () if one.get("field") == "Title")
        variable = self.texts.variable(options.get("variableId") or next(mapped, None)) or None
        self.builder.add(block["id"], "answer_options", at, text=words, variable=variable, tries=3, retry_text=RETRY, **data)
