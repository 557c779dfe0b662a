"""The canvas's modules, so that the browser fetches all of them at once and not one after another."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from flask import current_app

from flowbuilder.web.assets import asset

FOLDER = "js/canvas"
OF_OTHER_PAGES = ("view.js", "outline.js")


def modules() -> list[str]:
    """Their addresses, the one that begins first."""
    return [asset(f"{FOLDER}/{name}") for name in _names(Path(current_app.root_path, "static", FOLDER))]


@cache
def _names(folder: Path) -> list[str]:
    names = [file.name for file in folder.glob("*.js") if file.name not in OF_OTHER_PAGES]
    return sorted(names, key=lambda name: (name != "canvas.js", name))
