"""Listens for contacts: the list with its filters, one person with consent and messages, export, import and erasing."""

from __future__ import annotations

from flowbuilder.web.contacts import attributes, importing, pages
from flowbuilder.web.contacts.blueprint import bp

__all__ = ["attributes", "bp", "importing", "pages"]
