"""The canvas's modules under addresses that change with them.

One module imports another relative to itself, so the stamp has to be a folder: then browsers may keep all of them for ever.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from flask import Response, current_app, send_from_directory, url_for

from flowbuilder.store.accounts import Role
from flowbuilder.web.flows import bp
from flowbuilder.web.policy import allow

YEAR = 365 * 24 * 3600


@bp.get("/modules/<stamp>/<name>")
@allow(Role.VIEWER)
def module(stamp: str, name: str) -> Response:
    response = send_from_directory(_folder(), name)
    response.headers["Cache-Control"] = f"private, max-age={YEAR}, immutable"
    return response


def modules() -> list[str]:
    """The addresses of all, the one that begins first; the browser fetches them at once and not one after another."""
    stamp, names = _known(str(_folder()))
    return [url_for("flows.module", stamp=stamp, name=name) for name in names]


@cache
def _known(folder: str) -> tuple[str, list[str]]:
    files = [file for file in Path(folder).glob("*.js") if file.name != "view.js"]
    stamp = max(file.stat().st_mtime_ns for file in files) // 1_000_000
    return format(stamp, "x"), sorted((file.name for file in files), key=lambda name: (name != "canvas.js", name))


def _folder() -> Path:
    return Path(current_app.static_folder or "", "js/canvas")
