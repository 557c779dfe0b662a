"""How kinds of steps look: one small stylesheet from the registry, with each kind's icon and colour."""

from __future__ import annotations

from functools import cache
from zlib import crc32

from flask import Response, url_for

from flowbuilder.core.nodes import KINDS
from flowbuilder.core.nodes.base import NodeKind
from flowbuilder.store.accounts import Role
from flowbuilder.web.flows import bp
from flowbuilder.web.flows.modules import YEAR
from flowbuilder.web.policy import allow


@bp.get("/modules/<stamp>/kinds.css")
@allow(Role.VIEWER)
def kinds_css(stamp: str) -> Response:
    response = Response(_stylesheet(url_for("static", filename="vendor/icons/")), mimetype="text/css")
    response.headers["Cache-Control"] = f"private, max-age={YEAR}, immutable"
    return response


@bp.app_template_global("kinds_css")
def _address() -> str:
    """An address that changes with the kinds, so that browsers may keep what it gives for ever."""
    return url_for("flows.kinds_css", stamp=format(crc32(_stylesheet("").encode()), "x"))


@cache
def _stylesheet(icons: str) -> str:
    colours = "".join(f"{_colour(kind)}: var(--tone-{kind.tone}); " for kind in KINDS.values())
    return f":root {{ {colours}}}\n" + "".join(_rules(kind, icons) for kind in KINDS.values())


def _rules(kind: NodeKind, icons: str) -> str:
    name = kind.name
    rules = [
        f'.step.step-{name} .step-icon {{ --mask: url("{icons}{kind.icon}.svg"); }}',
        f".step-{name} .step-icon, .step-icon.step-{name} {{ --tone: var({_colour(kind)}); }}",
    ]
    if kind.is_start:
        rules += [f".step.step-{name} {{ border-top: 3px solid var({_colour(kind)}); }}", f".step.step-{name}::before {{ display: none; }}"]
    return "\n".join(rules) + "\n"


def _colour(kind: NodeKind) -> str:
    return f"--step-{kind.name.replace('_', '-')}"
