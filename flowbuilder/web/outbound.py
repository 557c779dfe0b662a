"""Listens for outbound."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("outbound", __name__)
