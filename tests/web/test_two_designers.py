"""Two designers make random gestures at the same flow at the same time, over HTTP: none is lost, and both see the same flow."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient

from flowbuilder.core.flow import Flow
from flowbuilder.services import flows
from flowbuilder.store import db
from flowbuilder.store.accounts import Workspace
from flowbuilder.store.flows import FlowDraft
from tests.fixtures.designer import Designer, all_at_once, lost

pytestmark = pytest.mark.database

GESTURES = 120


@pytest.fixture
def pair(served: str, sign_in: Callable[..., FlaskClient], workspace: Workspace) -> Iterator[tuple[FlowDraft, list[Designer]]]:
    draft = flows.create(workspace.id, "Two at once")
    cookies = [sign_in(role).get_cookie("flowbuilder") for role in ("designer", "admin")]
    designers = [
        Designer(f"{served}/flows/{draft.id}", cookie.value, name, GESTURES)
        for cookie, name in zip(cookies, ("ann", "ben"), strict=True)
        if cookie
    ]
    yield draft, designers
    for designer in designers:
        designer.http.close()


def test_of_hundreds_of_gestures_of_two_designers_none_is_lost_and_both_see_the_same_flow(pair: tuple[FlowDraft, list[Designer]]) -> None:
    draft, designers = pair
    all_at_once(designers)
    db.session.expire_all()

    assert list(lost(Flow.from_json(db.session.get(FlowDraft, draft.id).document), designers)) == []
    assert all(len(designer.texts) > 3 and designer.edges for designer in designers)


def test_a_gesture_that_is_lost_would_be_found(pair: tuple[FlowDraft, list[Designer]]) -> None:
    draft, (designer, _) = pair
    designer.gestures = 6
    all_at_once([designer])
    db.session.expire_all()
    designer.places[min(designer.places)] = [1, 2]

    assert list(lost(Flow.from_json(db.session.get(FlowDraft, draft.id).document), [designer])) == [f"place of {min(designer.places)}"]
