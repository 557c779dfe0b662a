"""What the panel shows of a step as a phone would show it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from flowbuilder.core.nodes import KINDS
from flowbuilder.services import flows
from flowbuilder.store.accounts import Line, Workspace
from tests import worlds


@pytest.fixture
def preview(sign_in: Callable[..., FlaskClient], workspace: Workspace) -> Callable[..., BeautifulSoup]:
    """Call it with a kind and its data."""

    def of(kind: str, **data: object) -> BeautifulSoup:
        draft = flows.create(workspace.id, "Order ready")
        step = {"id": "n2", "kind": kind, "data": KINDS[kind].blank() | data}
        flows.change(workspace.id, draft.id, {"kind": "add_node", "node": step, "at": [0, 0]}, None)
        answer = sign_in("viewer").get(f"/flows/{draft.id}/steps/n2/preview")
        assert answer.status_code == 200
        return BeautifulSoup(answer.text, "html.parser")

    return of


def test_a_list_shows_its_button_and_what_it_opens(preview: Callable[..., BeautifulSoup]) -> None:
    options = [{"id": f"o{at}", "title": f"Town {at}", "section": "South" if at == 1 else ""} for at in range(1, 5)]
    shown = preview("answer_options", style="list", text="Which, {{name}}?", list_button="Towns", options=options)

    assert shown.select_one(".wa-body").text == "Which, {{name}}?"
    assert [one.text.strip() for one in shown.select(".wa-button")] == ["Towns"]
    assert [one.text for one in shown.select(".wa-all li")] == ["South", "Town 1", "Town 2", "Town 3", "Town 4"]


@pytest.mark.parametrize("kind", [name for name, kind in KINDS.items() if not kind.is_start])
def test_every_kind_has_a_preview_though_nothing_is_filled_in(preview: Callable[..., BeautifulSoup], kind: str) -> None:
    assert preview(kind).select("script") == []


def test_an_outbound_message_shows_the_values_that_the_step_gives(preview: Callable[..., BeautifulSoup], line: Line) -> None:
    template = worlds.template(line, body="Hi {{first_name}}, shall we?")
    replies = [{"id": "r1", "title": "Continue"}, {"id": "r2", "title": "Cancel"}]
    shown = preview("outbound_message", message=template.id, parameters={"first_name": "{{contact.name}}"}, replies=replies)

    assert shown.select_one(".wa-body").text == "Hi {{contact.name}}, shall we?"
    assert [one.text.strip() for one in shown.select(".wa-button")] == ["Continue", "Cancel"]


def test_a_validation_shows_the_link_that_will_come(preview: Callable[..., BeautifulSoup]) -> None:
    assert [one.text.strip() for one in preview("validation", label="Show it").select(".wa-button")] == ["Show it"]


def test_a_result_shows_what_is_said_for_each(preview: Callable[..., BeautifulSoup]) -> None:
    shown = preview("validation_result", approved="Fine.", rejected="No.", expired="Over.")
    assert [one.text for one in shown.select(".wa-case, .wa-body")] == ["Approved", "Fine.", "Rejected", "No.", "Expired", "Over."]
