"""Flows: making and keeping drafts, changing them by commands, publishing versions, reading files."""

from __future__ import annotations

from flowbuilder.services.flows.changes import Changed, change, redo, tidy, undo
from flowbuilder.services.flows.drafts import create, delete, duplicate, rename, restore
from flowbuilder.services.flows.exchange import export, import_
from flowbuilder.services.flows.facts import facts_for, findings_of, review_of, template_of
from flowbuilder.services.flows.gallery import create_from_example, examples
from flowbuilder.services.flows.listing import FlowSummary, people_in, summaries
from flowbuilder.services.flows.news import News, is_changed, is_quiet, news_since
from flowbuilder.services.flows.versions import freeze, publish

__all__ = [
    "Changed", "FlowSummary", "News", "change", "create", "create_from_example", "delete", "duplicate", "examples", "export",
    "facts_for", "findings_of", "freeze", "import_", "is_changed", "is_quiet", "news_since", "people_in", "publish", "redo",
    "rename", "restore", "review_of", "summaries", "template_of", "tidy", "undo",
]  # fmt: skip
