"""A flow that is only looked at: it fits its box and shows the way that somebody took."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from flask import Flask, render_template_string
from playwright.sync_api import expect

from flowbuilder.core.layout import height
from flowbuilder.services import flows
from flowbuilder.services.flows import gallery
from flowbuilder.store.accounts import Line, Role, Workspace
from flowbuilder.web.flows.cards import drawing
from flowbuilder.web.policy import allow
from tests.fixtures.servers import until

if TYPE_CHECKING:
    from playwright.sync_api import Page

_PAGE = """{% extends "base.html" %}
{% block head %}<link rel="stylesheet" href="{{ sheets("canvas", "steps", "kinds") }}">
<script type="module" src="{{ canvas_script("view") }}"></script>{% endblock %}
{% block content %}<div data-way><button type="button" data-look="n1">The beginning</button>
{% include "flows/_drawing.html" %}</div>{% endblock %}"""


@pytest.fixture
def drawn(app: Flask, page: Page, workspace: Workspace, line: Line, request: pytest.FixtureRequest) -> Page:
    example = flows.create_from_example(workspace.id, "delivery_feedback")
    first = next(edge["target"] for edge in example.document["edges"] if edge["source"] == "n1" and edge["port"] == "continue")

    @allow(Role.VIEWER)
    def look() -> str:
        return render_template_string(_PAGE, drawing=drawing(example.document, ["n1", first], [("n1", "continue")], first))

    app.add_url_rule("/look", "look", look)
    enter: Callable[..., str] = request.getfixturevalue("enter")
    page.goto(f"{enter(page, 'viewer')}/look")
    page.wait_for_selector("[data-drawing][data-shown]")
    return page


def test_the_drawing_opens_where_somebody_is_large_enough_to_be_read_and_fits_when_asked(drawn: Page) -> None:
    box, here = drawn.locator("[data-drawing]").bounding_box(), drawn.locator(".step.is-here")
    assert box and all(_lies_in(card.bounding_box(), box) for card in drawn.locator(".step.is-lit").all()), "all of the way that was taken"
    assert here.bounding_box()["width"] >= 0.55 * here.evaluate("card => card.offsetWidth")

    drawn.get_by_role("button", name="Fit").click()
    cards = drawn.locator(".step")
    expect(cards).to_have_count(12)
    until(lambda: all(_lies_in(card.bounding_box(), box) for card in cards.all()))


def _lies_in(card: dict[str, float], box: dict[str, float]) -> bool:
    return box["x"] <= card["x"] and card["x"] + card["width"] <= box["x"] + box["width"]


def test_cards_are_as_high_as_the_layout_takes_them_to_be(drawn: Page) -> None:
    """At most: a guess too high costs a little room, one too low would let cards touch."""
    heights = drawn.locator(".step").evaluate_all("cards => cards.map(card => [card.dataset.id, card.offsetHeight])")
    nodes = next(one for one in gallery.examples() if one.id == "delivery_feedback").flow.nodes

    assert len(heights) == 12
    assert [(id, seen) for id, seen in heights if not seen <= height(nodes[id]) <= seen + 70] == []


def test_the_way_that_was_taken_is_lit(drawn: Page) -> None:
    expect(drawn.locator(".step.is-lit")).to_have_count(2)
    expect(drawn.locator(".step.is-here")).to_have_count(1)
    expect(drawn.locator(".edge.is-lit")).to_have_count(1)
    expect(drawn.locator(".step").first).not_to_contain_text("No initial message")


def test_it_is_zoomed_and_panned_and_fitted_again(drawn: Page) -> None:
    place = "document.querySelector('[data-view]').style.transform"
    opened = drawn.evaluate(place)
    drawn.get_by_role("button", name="Fit").click()
    before = until(lambda: (now := drawn.evaluate(place)) != opened and now)
    drawn.get_by_role("button", name="Zoom in").click()
    until(lambda: drawn.evaluate(place) != before)
    drawn.get_by_role("button", name="Fit").click()

    until(lambda: drawn.evaluate(place) == before)
    drawn.get_by_role("button", name="The beginning").click()
    until(lambda: drawn.evaluate(place) != before)
