"""Style sheets: those that a page names come as one answer, since each request of a page costs it time before it can be laid out."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from zlib import crc32

from flask import Blueprint, Response, current_app, url_for

from flowbuilder.errors import NotFound
from flowbuilder.web.assets import YEAR, asset
from flowbuilder.web.policy import allow

bp = Blueprint("sheets", __name__)

VENDOR = {"tabler": "vendor/tabler/tabler.min.css", "swagger": "vendor/swagger-ui/swagger-ui.css", "uplot": "vendor/uplot/uPlot.min.css"}
"""Those of others, beside ours in ``static/css``."""

MADE: dict[str, Callable[[], str]] = {}
"""Sheets that code writes, by name."""

_UP = re.compile(r"""url\((["']?)\.\./""")


@bp.get("/sheets/<stamp>/<names>.css")
@allow(None)
def several(stamp: str, names: str) -> Response:
    response = Response(_together(names)[0], mimetype="text/css")
    response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    return response


@bp.app_template_global("sheets")
def address(*names: str) -> str:
    """Where sheets are answered together, in this order; it changes with what they say, so that browsers may keep it for ever."""
    together = "+".join(names)
    return url_for("sheets.several", stamp=_together(together)[1], names=together)


def _together(names: str) -> tuple[str, str]:
    return _joined(names, Path(current_app.root_path, "static"), asset(""))


@cache
def _joined(names: str, root: Path, base: str) -> tuple[str, str]:
    """The text, and a stamp that changes with it."""
    texts = [MADE[name]() if name in MADE else _read(root, name) for name in names.split("+")]
    text = _UP.sub(rf"url(\1{base}", "\n".join(texts))
    return text, format(crc32(text.encode()), "x")


def _read(root: Path, name: str) -> str:
    file = root / VENDOR.get(name, f"css/{name}.css")
    if "/" in name or not file.is_file():
        raise NotFound()
    return file.read_text()
