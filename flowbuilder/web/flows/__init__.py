"""Listens for flows: My flows (``pages``), the examples (``gallery``) and bringing flows in (``importing``), the editor and
its gestures (``editor``, ``gestures``), the same as a list (``outlines``), what is said about steps (``comments``), trying a
step (``trying``), what people see of one (``previews``), publishing (``publishing``), being switched on or off (``switching``),
versions (``versions``) and moving people to them (``moving``), the addresses of the canvas's scripts (``modules``), files that steps
show (``files``), and how kinds of steps look (``kinds``).

How cards and the answer to a gesture are rendered is in ``cards`` and ``patches``.
"""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("flows", __name__)

from flowbuilder.web.flows import (  # noqa: E402, F401
    comments,
    editor,
    files,
    gallery,
    gestures,
    importing,
    kinds,
    modules,
    moving,
    outlines,
    pages,
    previews,
    publishing,
    switching,
    trying,
    verdicts,
    versions,
)  # fmt: skip
