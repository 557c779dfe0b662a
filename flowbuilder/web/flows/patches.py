"""What the canvas is told: the state it starts from, and what to draw again after a gesture or somebody else's change."""

from __future__ import annotations

from typing import Any

from flowbuilder.services import flows
from flowbuilder.services.flows import News
from flowbuilder.store.comments import open_counts
from flowbuilder.web.flows.cards import block, cards
from flowbuilder.web.flows.order import in_order
from flowbuilder.web.flows.verdicts import findings, proved


def patch(news: News) -> dict[str, Any]:
    flow = news.flow
    edges = sorted(flow.edges) if news.is_full else news.edges
    return {
        **state(news),
        "full": news.is_full,
        "cards": cards(flow, news.nodes, news.template),
        "removed": list(news.removed),
        "edges": [[source, port, flow.target(source, port)] for source, port in edges],
        "settings": news.settings,
    }


def start(news: News) -> dict[str, Any]:
    """The same for a page whose cards are in it already."""
    flow = news.flow
    return {**state(news), "edges": [[source, port, flow.edges[source, port]] for source, port in sorted(flow.edges)]}


def state(news: News) -> dict[str, Any]:
    """What always comes along: it is small, or depends on everything."""
    draft = news.draft
    review = flows.review_of(news.flow, draft.workspace_id, id=draft.id)
    status = block("flows/_status.html", "status", {"draft": draft, "is_changed": news.is_changed})
    return {
        "revision": draft.revision,
        "tag": news.tag,
        "order": in_order(news.flow),
        "findings": findings(review.findings, news.flow),
        "proved": proved(review),
        "comments": {"open": open_counts(draft.id), "said": draft.talk},
        "toolbar": {"undo": news.undo, "redo": news.redo, "name": draft.name, "status": status},
    }
