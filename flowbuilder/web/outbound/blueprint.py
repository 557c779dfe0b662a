"""The blueprint that the views of this folder hang themselves into."""

from __future__ import annotations

from flask import Blueprint

from flowbuilder.web.markup import whatsapp

bp = Blueprint("outbound", __name__)
bp.add_app_template_filter(whatsapp, "whatsapp")
