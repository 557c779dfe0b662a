"""The blueprint that the modules of this area hang their routes on."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("contacts", __name__)
