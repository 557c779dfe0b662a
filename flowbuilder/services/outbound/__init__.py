"""Outbound messages: writing them, having Meta review them once, and following what becomes of them."""

from __future__ import annotations

from flowbuilder.services.outbound import codes, sync
from flowbuilder.services.outbound.drafts import create, delete_draft, duplicate, save
from flowbuilder.services.outbound.find import approved_for_flows, approved_on, doubts, facets, find, history, listed, of_ids
from flowbuilder.services.outbound.following import apply_status, is_overdue, refresh, refresh_overdue
from flowbuilder.services.outbound.languages import add_language, in_group, source_of
from flowbuilder.services.outbound.listing import Order, listing
from flowbuilder.services.outbound.opening import open_flows
from flowbuilder.services.outbound.pages import paged
from flowbuilder.services.outbound.pausing import unpause
from flowbuilder.services.outbound.removal import delete
from flowbuilder.services.outbound.submission import settle, submit
from flowbuilder.services.outbound.usage import sends, used_in

__all__ = [
    "Order",
    "add_language",
    "apply_status",
    "approved_for_flows",
    "approved_on",
    "codes",
    "create",
    "delete",
    "delete_draft",
    "doubts",
    "duplicate",
    "facets",
    "find",
    "history",
    "in_group",
    "is_overdue",
    "listed",
    "listing",
    "of_ids",
    "open_flows",
    "paged",
    "refresh",
    "refresh_overdue",
    "save",
    "sends",
    "settle",
    "source_of",
    "submit",
    "sync",
    "unpause",
    "used_in",
]
