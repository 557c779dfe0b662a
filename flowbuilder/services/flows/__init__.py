"""Flows: making and keeping drafts, changing them by commands, publishing versions, reading files."""

from __future__ import annotations

from flowbuilder.services.flows.changes import Changed, Went, change, go_to, redo, tidy, undo
from flowbuilder.services.flows.comments import Thread, comment, correct, resolve, seen, take_back, threads
from flowbuilder.services.flows.drafts import create, delete, duplicate, new_step, rename, restore
from flowbuilder.services.flows.exchange import export, import_
from flowbuilder.services.flows.facts import facts_for, findings_of, review_of
from flowbuilder.services.flows.gallery import create_from_example, examples
from flowbuilder.services.flows.initial import tapped, template_of
from flowbuilder.services.flows.listing import FlowSummary, people_in, summaries
from flowbuilder.services.flows.news import News, is_changed, is_quiet, news_since
from flowbuilder.services.flows.past import Entry, history
from flowbuilder.services.flows.references import fresh
from flowbuilder.services.flows.switching import switch_off, switch_on
from flowbuilder.services.flows.versions import freeze, publish

__all__ = [
    "Changed", "Entry", "FlowSummary", "News", "Thread", "Went", "change", "comment", "correct", "create", "create_from_example", "delete",
    "duplicate", "examples", "export", "facts_for", "findings_of", "freeze", "fresh", "go_to", "history", "import_", "is_changed",
    "is_quiet", "new_step", "news_since", "people_in", "publish", "redo", "rename", "resolve", "restore", "review_of", "seen",
    "summaries", "switch_off", "switch_on", "take_back", "tapped", "template_of", "threads", "tidy", "undo",
]  # fmt: skip
