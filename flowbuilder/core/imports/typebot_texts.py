"""Typebot's texts: rich text as WhatsApp writes it, and variables, which are known there by id and spoken of by name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flowbuilder.core.imports.building import Builder, Foreign

_VARIABLE = re.compile(r"\{\{\s*([^{}\n]{1,80}?)\s*\}\}")
_MARKS = (("bold", "*"), ("italic", "_"), ("strikethrough", "~"))


class Texts:
    def __init__(self, builder: Builder, document: Mapping[str, Any]) -> None:
        self.builder = builder
        self.ids = {one["id"]: one["name"] for one in document.get("variables") or ()}

    def names(self, text: Any) -> str:
        return self.builder.names_of(str(text or ""), _VARIABLE)

    def variable(self, id: Any) -> str:
        """The variable of that id; empty where there is none."""
        return self.builder.variable(self.ids[id]) if id in self.ids else ""

    def of_bubble(self, block: Mapping[str, Any]) -> str:
        content = block.get("content") or {}
        rich = content.get("richText")
        return self.names(("\n".join(_rich(part) for part in rich) if rich else str(content.get("plainText") or "")).strip())


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
    children = [_rich(child) for child in part["children"]]
    if part.get("type") in ("ul", "ol"):
        return "\n".join(f"{f'{number}.' if part['type'] == 'ol' else '-'} {child}" for number, child in enumerate(children, 1))
    inside, url = "".join(children), part.get("url")
    return f"{inside} {url}" if url and url != inside else inside
