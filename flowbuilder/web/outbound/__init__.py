"""Listens for outbound messages: the list, the form that saves as one types, the review, and the panel of a flow's start."""

from __future__ import annotations

from flowbuilder.web.outbound import deeds, media, pages, panel, sync
from flowbuilder.web.outbound.blueprint import bp

__all__ = ["bp", "deeds", "media", "pages", "panel", "sync"]
