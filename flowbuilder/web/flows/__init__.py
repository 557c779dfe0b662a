"""Listens for flows: My flows (``pages``), the editor and its gestures (``editor``, ``gestures``), publishing (``publishing``),
and the canvas's scripts (``modules``).

How cards and the answer to a gesture are rendered is in ``cards`` and ``patches``.
"""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("flows", __name__)

from flowbuilder.web.flows import editor, gestures, modules, pages, publishing  # noqa: E402, F401
