"""The table of actions: each has a key, no key means two things, and the list under `?` shows exactly what a role can do."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from flowbuilder.services import flows
from flowbuilder.store.accounts import Role, Workspace
from flowbuilder.web.flows.actions import ACTIONS, CANVAS, OUTLINE, Action
from flowbuilder.web.policy import Policy


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.name)
def test_an_action_has_a_key_that_is_written_for_people(action: Action) -> None:
    assert action.shown and "Mod" not in action.shown and "Arrow" not in action.shown


def test_no_key_means_two_things_at_once() -> None:
    both = {(one.name, other.name) for one, other in combinations(ACTIONS, 2) if set(one.keys) & set(other.keys) and _meet(one, other)}

    assert both == set()


@pytest.mark.parametrize("role", list(Role))
def test_the_list_of_keys_shows_what_this_role_can_do(sign_in: Callable[..., FlaskClient], workspace: Workspace, role: Role) -> None:
    draft = flows.create(workspace.id, "Order ready")
    page = BeautifulSoup(sign_in(role).get(f"/flows/{draft.id}").data, "html.parser")

    shown = [row["data-action"] for row in page.select("#keys [data-action]")]
    assert shown == [action.name for action in ACTIONS if Policy(action.role).admits(role) and action.page != OUTLINE]


def test_tooltips_of_the_toolbar_tell_the_key(sign_in: Callable[..., FlaskClient], workspace: Workspace) -> None:
    draft = flows.create(workspace.id, "Order ready")
    page = BeautifulSoup(sign_in("designer").get(f"/flows/{draft.id}").data, "html.parser")
    tips = {action.name: f"{action.label} ({action.shown})" for action in ACTIONS}
    buttons = page.select(".canvas-zoom [data-act], [data-act=checks], [data-act=history]")

    assert len(buttons) == 8 and {button["data-act"] for button in page.select("[data-act]")} < tips.keys()
    assert [button["title"] for button in buttons] == [tips[button["data-act"]] for button in buttons]
    for name, control in (("outline", "outline"), ("try", "try"), ("publish", "publish"), ("settings", "flow-settings")):
        assert page.select_one(f"[data-{control}]")["title"] == tips[name]
    assert page.select_one(".palette-search input")["title"] == tips["add"]


def _meet(one: Action, other: Action) -> bool:
    """Whether both could hold at the same time: with a step selected, or with nothing."""
    return {one.when, other.when} != {"step", "nothing"} and {one.page, other.page} != {CANVAS, OUTLINE}
