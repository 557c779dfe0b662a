"""How kinds of steps look: one small stylesheet from the registry, with each kind's icon and colour."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from urllib.parse import quote
from zlib import crc32

from flask import Response, current_app, url_for

from flowbuilder.core.nodes import KINDS
from flowbuilder.core.nodes.base import NodeKind
from flowbuilder.store.accounts import Role
from flowbuilder.web.assets import YEAR
from flowbuilder.web.flows import bp
from flowbuilder.web.policy import allow

INK = {"": "#fff", '[data-bs-theme="dark"] ': "#0c1513"}
"""The ink of icons on their kind's colour, by theme: drawn in it they need no mask, of which a thousand cost a canvas dearly."""


@bp.get("/modules/<stamp>/kinds.css")
@allow(Role.VIEWER)
def kinds_css(stamp: str) -> Response:
    response = Response(_stylesheet(_icons()), mimetype="text/css")
    response.headers["Cache-Control"] = f"private, max-age={YEAR}, immutable"
    return response


@bp.app_template_global("kinds_css")
def _address() -> str:
    """An address that changes with the kinds, so that browsers may keep what it gives for ever."""
    return url_for("flows.kinds_css", stamp=format(crc32(_stylesheet(_icons()).encode()), "x"))


def _icons() -> Path:
    return Path(current_app.root_path, "static/vendor/icons")


@cache
def _stylesheet(icons: Path) -> str:
    colours = "".join(f"{_colour(kind)}: var(--tone-{kind.tone}); " for kind in KINDS.values())
    return f":root {{ {colours}}}\n" + "".join(_rules(kind, icons) for kind in KINDS.values())


def _rules(kind: NodeKind, icons: Path) -> str:
    name = kind.name
    rules = [f".step-{name} .step-head, .step-icon.step-{name} {{ --tone: var({_colour(kind)}); }}"]
    for theme, ink in INK.items():
        rules.append(f"{theme}.step.step-{name} .step-head::before {{ background-image: {_icon(icons, kind.icon, ink)}; }}")
    if kind.is_start:
        rules += [f".step.step-{name} {{ border-top: 3px solid var({_colour(kind)}); }}", f".step.step-{name}::before {{ display: none; }}"]
    return "\n".join(rules) + "\n"


def _icon(icons: Path, name: str, ink: str) -> str:
    drawing = " ".join((icons / f"{name}.svg").read_text().split()).replace("currentColor", ink)
    return f"url('data:image/svg+xml,{quote(drawing)}')"


def _colour(kind: NodeKind) -> str:
    return f"--step-{kind.name.replace('_', '-')}"
