"""Texts as HTML: WhatsApp's marks (*bold*, _italic_, ~struck~, ```code```, line breaks), and phone numbers. All else is escaped."""

from __future__ import annotations

from markupsafe import Markup, escape

from flowbuilder.core import marks, phone

_TAGS = {"*": "strong", "_": "em", "~": "s"}


def whatsapp(text: str | None) -> Markup:
    """``text`` as WhatsApp shows it, safe to put into a page."""
    parts: list[Markup] = []
    place = 0
    for found in marks.CODE.finditer(text or ""):
        parts += [_marked((text or "")[place : found.start()], 0), Markup("<code>{}</code>").format(found[1] or found[2])]
        place = found.end()
    parts.append(_marked((text or "")[place:], 0))
    return Markup("").join(parts).replace("\n", Markup("<br>"))


def number(e164: str | None) -> Markup:
    """A phone number for people; it does not break at the end of a line. Where text alone may stand there is ``phone.pretty``."""
    return Markup('<span class="phone-number">{}</span>').format(phone.pretty(e164)) if e164 else Markup("")


def _marked(text: str, depth: int) -> Markup:
    parts: list[Markup] = []
    place = 0
    for found in marks.PAIR.finditer(text) if depth < marks.DEEPEST else ():
        tag = _TAGS[found[1]]
        parts += [escape(text[place : found.start()]), Markup(f"<{tag}>"), _marked(found[2], depth + 1), Markup(f"</{tag}>")]
        place = found.end()
    parts.append(escape(text[place:]))
    return Markup("").join(parts)
