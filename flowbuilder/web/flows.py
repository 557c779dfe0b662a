"""Listens for flows."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("flows", __name__)
