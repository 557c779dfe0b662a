"""Listens for patterns."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("patterns", __name__)
