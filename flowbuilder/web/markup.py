"""WhatsApp's text marks as HTML: *bold*, _italic_, ~struck~, ```code```, line breaks. Everything else is escaped."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

_CODE = re.compile(r"```(.+?)```|`([^`\n]+)`", re.DOTALL)
_MARK = re.compile(r"(?<![\w*_~])([*_~])(?=\S)((?:(?!\1)[^\n])+?)(?<=\S)\1(?![\w])")
_TAGS = {"*": "strong", "_": "em", "~": "s"}
_DEEPEST = 4


def whatsapp(text: str | None) -> Markup:
    """``text`` as WhatsApp shows it, safe to put into a page."""
    parts: list[Markup] = []
    place = 0
    for found in _CODE.finditer(text or ""):
        parts += [_marked((text or "")[place : found.start()], 0), Markup("<code>{}</code>").format(found[1] or found[2])]
        place = found.end()
    parts.append(_marked((text or "")[place:], 0))
    return Markup("").join(parts).replace("\n", Markup("<br>"))


def _marked(text: str, depth: int) -> Markup:
    parts: list[Markup] = []
    place = 0
    for found in _MARK.finditer(text) if depth < _DEEPEST else ():
        tag = _TAGS[found[1]]
        parts += [escape(text[place : found.start()]), Markup(f"<{tag}>"), _marked(found[2], depth + 1), Markup(f"</{tag}>")]
        place = found.end()
    parts.append(escape(text[place:]))
    return Markup("").join(parts)
