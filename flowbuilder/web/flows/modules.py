"""The scripts of the canvas: joined into one file by ``static/bundle.mjs``, or as they are where one was edited since."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from flask import current_app

from flowbuilder.web.assets import asset
from flowbuilder.web.flows import bp


@bp.app_template_global("canvas_script")
def address(name: str) -> str:
    """Of ``editor``, ``outline_editor`` or ``view``."""
    return asset(f"{_folder(Path(current_app.root_path, 'static'))}/{name}.js")


@cache
def _folder(root: Path) -> str:
    joined = root / "vendor/canvas/editor.js"
    youngest = max(file.stat().st_mtime_ns for pages in ("canvas/*.js", "outbound/*.js", "names.js") for file in (root / "js").glob(pages))
    return "vendor/canvas" if joined.is_file() and joined.stat().st_mtime_ns >= youngest else "js/canvas"
