"""Style sheets and scripts: those that a page names come as one answer, since each request of a page costs it time before it is painted."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from zlib import crc32

from flask import Blueprint, Response, current_app, url_for

from flowbuilder.errors import NotFound
from flowbuilder.web.assets import YEAR, asset
from flowbuilder.web.policy import allow

bp = Blueprint("joined", __name__)

VENDOR = {
    "tabler.css": "vendor/tabler/tabler.min.css",
    "swagger.css": "vendor/swagger-ui/swagger-ui.css",
    "uplot.css": "vendor/uplot/uPlot.min.css",
    "htmx.js": "vendor/htmx/htmx.min.js",
}
"""Those of others, beside ours in ``static/css`` and ``static/js``."""

MADE: dict[str, Callable[[], str]] = {}
"""Sheets that code writes, by name."""

_PAGES = 100
"""More than pages name together; anybody may ask for others."""
_TYPES = {"css": "text/css", "js": "text/javascript"}
_UP = re.compile(r"""url\((["']?)\.\./""")


@bp.get("/joined/<stamp>/<names>.<any(css, js):ending>")
@allow(None)
def several(stamp: str, names: str, ending: str) -> Response:
    response = Response(_together(names, ending)[0], mimetype=_TYPES[ending])
    response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    return response


@bp.app_template_global("sheets")
def sheets(*names: str) -> str:
    """Where style sheets are answered together, in this order; it changes with what they say, so that browsers may keep it for ever."""
    return _address("+".join(names), "css")


@bp.app_template_global("scripts")
def scripts(*names: str) -> str:
    """The same of scripts that are no modules."""
    return _address("+".join(names), "js")


def _address(names: str, ending: str) -> str:
    return url_for("joined.several", stamp=_together(names, ending)[1], names=names, ending=ending)


def _together(names: str, ending: str) -> tuple[str, str]:
    return _joined(names, ending, Path(current_app.root_path, "static"), asset(""))


@lru_cache(_PAGES)
def _joined(names: str, ending: str, root: Path, base: str) -> tuple[str, str]:
    """The text, and a stamp that changes with it."""
    each = names.split("+")
    if len(set(each)) < len(each):
        raise NotFound()
    text = "\n".join(MADE[name]() if name in MADE and ending == "css" else _read(root, name, ending) for name in each)
    if ending == "css":
        text = _UP.sub(rf"url(\1{base}", text)
    return text, format(crc32(text.encode()), "x")


def _read(root: Path, name: str, ending: str) -> str:
    file = root / VENDOR.get(f"{name}.{ending}", f"{ending}/{name}.{ending}")
    if "/" in name or not file.is_file():
        raise NotFound()
    return file.read_text()
