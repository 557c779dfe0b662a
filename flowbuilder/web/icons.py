"""The icons that ``static/icons.txt`` names, and our mark: drawn within the page, since pictures beside it come after its words."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from flask import Flask, current_app
from markupsafe import Markup

_SYMBOL = re.compile(r'<symbol id="([^"]+)"[^>]*>(.*?)</symbol>', re.S)
_MARK = re.compile(r'<g id="mark">\s*(.*?)\s*</g>', re.S)
_FRAME = '<path stroke="none" d="M0 0h24v24H0z" fill="none" />'


def init_app(app: Flask) -> None:
    app.add_template_global(drawing, "drawing")
    app.add_template_global(mark, "mark")


def drawing(name: str) -> Markup:
    """What is inside an icon's ``<svg viewBox="0 0 24 24">``; LookupError where ``static/icons.txt`` does not name it."""
    found = _drawings(Path(current_app.root_path, "static/vendor/icons.svg")).get(name)
    if found is None:
        raise LookupError(f"static/icons.txt does not name the icon {name!r}")
    return Markup(found)


def mark() -> Markup:
    """What is inside the ``<svg viewBox="0 0 32 32">`` of our mark; LookupError where its file has none."""
    return Markup(_mark(Path(current_app.root_path, "static/icon.svg")))


@cache
def _drawings(sprite: Path) -> dict[str, str]:
    return {name: inner.replace(_FRAME, "") for name, inner in _SYMBOL.findall(sprite.read_text())}


@cache
def _mark(file: Path) -> str:
    found = _MARK.search(file.read_text())
    if found is None:
        raise LookupError(f"{file} has no group with the id “mark”")
    return re.sub(r">\s+<", "><", found[1])
