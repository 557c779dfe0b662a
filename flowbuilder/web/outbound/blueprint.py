"""The blueprint that the views of this folder hang themselves into."""

from __future__ import annotations

from flask import Blueprint

from flowbuilder.core.languages import LANGUAGES
from flowbuilder.web.markup import whatsapp
from flowbuilder.web.outbound.editor import CATEGORIES

bp = Blueprint("outbound", __name__)
bp.add_app_template_filter(whatsapp, "whatsapp")
bp.add_app_template_filter({category.value: label for category, label, *_ in CATEGORIES}.get, "category_label")
bp.add_app_template_filter(lambda code: LANGUAGES.get(code, code), "language_name")
