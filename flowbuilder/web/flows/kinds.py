"""How kinds of steps look: one small stylesheet from the registry, with each kind's icon and colour, and the measures of notes."""

from __future__ import annotations

from urllib.parse import quote

from flowbuilder.core.nodes import KINDS, note
from flowbuilder.core.nodes.base import NodeKind
from flowbuilder.web import joined
from flowbuilder.web.icons import drawing

INK = {"": "#fff", '[data-bs-theme="dark"] ': "#0c1513"}
"""The ink of icons on their kind's colour, by theme: drawn in it they need no mask, of which a thousand cost a canvas dearly."""


def _sheet() -> str:
    colours = "".join(f"{_colour(kind)}: var(--tone-{kind.tone}); " for kind in KINDS.values())
    return f":root {{ {colours}}}\n" + "".join(_rules(kind) for kind in KINDS.values()) + _notes()


def _rules(kind: NodeKind) -> str:
    name = kind.name
    rules = [f".step-{name} .step-head, .step-icon.step-{name} {{ --tone: var({_colour(kind)}); }}"]
    for theme, ink in INK.items():
        rules.append(f"{theme}.step.step-{name} .step-head::before {{ background-image: {_icon(kind.icon, ink)}; }}")
    if kind.is_start:
        rules += [f".step.step-{name} {{ border-top: 3px solid var({_colour(kind)}); }}", f".step.step-{name}::before {{ display: none; }}"]
    return "\n".join(rules) + "\n"


def _notes() -> str:
    """The measures to which notes are drawn, as classes: pages hold no style of single things."""
    rules = [f".step .note-text.is-wide-{width} {{ width: {width}px; }}" for width in note.WIDTHS]
    rules += [f".step .note-text.is-high-{height} {{ min-height: {height}px; }}" for height in note.HEIGHTS]
    return "\n".join(rules) + "\n"


def _icon(name: str, ink: str) -> str:
    """The icon as a picture of its own."""
    style = f'fill="none" stroke="{ink}" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"'
    drawn = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" {style}>{drawing(name)}</svg>'
    return f"url('data:image/svg+xml,{quote(drawn)}')"


def _colour(kind: NodeKind) -> str:
    return f"--step-{kind.name.replace('_', '-')}"


joined.MADE["kinds"] = _sheet
