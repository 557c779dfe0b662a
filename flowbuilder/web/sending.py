"""Listens for sending."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("sending", __name__)
