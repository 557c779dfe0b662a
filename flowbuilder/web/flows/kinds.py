"""How kinds of steps look: one small stylesheet from the registry, with each kind's icon and colour, and the measures of notes."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from urllib.parse import quote

from flask import current_app

from flowbuilder.core.nodes import KINDS, note
from flowbuilder.core.nodes.base import NodeKind
from flowbuilder.web import sheets

INK = {"": "#fff", '[data-bs-theme="dark"] ': "#0c1513"}
"""The ink of icons on their kind's colour, by theme: drawn in it they need no mask, of which a thousand cost a canvas dearly."""


def _sheet() -> str:
    return _stylesheet(Path(current_app.root_path, "static/vendor/icons.svg"))


@cache
def _stylesheet(icons: Path) -> str:
    colours = "".join(f"{_colour(kind)}: var(--tone-{kind.tone}); " for kind in KINDS.values())
    sprite = icons.read_text()
    return f":root {{ {colours}}}\n" + "".join(_rules(kind, sprite) for kind in KINDS.values()) + _notes()


def _rules(kind: NodeKind, sprite: str) -> str:
    name = kind.name
    rules = [f".step-{name} .step-head, .step-icon.step-{name} {{ --tone: var({_colour(kind)}); }}"]
    for theme, ink in INK.items():
        rules.append(f"{theme}.step.step-{name} .step-head::before {{ background-image: {_icon(sprite, kind.icon, ink)}; }}")
    if kind.is_start:
        rules += [f".step.step-{name} {{ border-top: 3px solid var({_colour(kind)}); }}", f".step.step-{name}::before {{ display: none; }}"]
    return "\n".join(rules) + "\n"


def _notes() -> str:
    """The measures to which notes are drawn, as classes: pages hold no style of single things."""
    rules = [f".step .note-text.is-wide-{width} {{ width: {width}px; }}" for width in note.WIDTHS]
    rules += [f".step .note-text.is-high-{height} {{ min-height: {height}px; }}" for height in note.HEIGHTS]
    return "\n".join(rules) + "\n"


def _icon(sprite: str, name: str, ink: str) -> str:
    """The icon of the sprite as a picture of its own."""
    found = re.search(rf'<symbol id="{re.escape(name)}"([^>]*)>(.*?)</symbol>', sprite, re.S)
    if found is None:
        raise LookupError(f"static/icons.txt does not name the icon {name!r}")
    style = f'fill="none" stroke="{ink}" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"'
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" {style}{found[1]}>{found[2]}</svg>'
    return f"url('data:image/svg+xml,{quote(drawing)}')"


def _colour(kind: NodeKind) -> str:
    return f"--step-{kind.name.replace('_', '-')}"


sheets.MADE["kinds"] = _sheet
