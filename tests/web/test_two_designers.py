"""Two designers make random gestures at the same steps at the same time, over HTTP: none is lost, and both see the same flow."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient

from flowbuilder.core.commands import apply
from flowbuilder.core.flow import Flow
from flowbuilder.services import flows
from flowbuilder.store import db
from flowbuilder.store.accounts import Workspace
from flowbuilder.store.flows import FlowChange, FlowDraft
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


def _now(draft: FlowDraft) -> tuple[Flow, list[str]]:
    """The flow, and the keys of what was saved in its order."""
    db.session.expire_all()
    saved = db.session.scalars(db.select(FlowChange.client_key).filter_by(flow_id=draft.id).order_by(FlowChange.revision)).all()
    return Flow.from_json(db.session.get_one(FlowDraft, draft.id).document), [key for key in saved if key]


def test_of_hundreds_of_gestures_of_two_designers_at_the_same_steps_none_is_lost_and_both_see_the_same_flow(
    pair: tuple[FlowDraft, list[Designer]],
) -> None:
    draft, designers = pair
    all_at_once(designers)

    assert list(lost(*_now(draft), designers)) == []
    assert all(len(designer.made) > GESTURES / 2 and designer.edges for designer in designers)


def test_a_gesture_that_is_lost_would_be_found(pair: tuple[FlowDraft, list[Designer]]) -> None:
    draft, designers = pair
    for designer in designers:
        designer.gestures = 20
    all_at_once(designers)
    flow, saved = _now(draft)
    one = next(iter(flow.nodes.keys() - {"n1"}))
    other = apply(flow, {"kind": "change", "node": one, "data": {"text": "Not as it was made"}}).flow
    designers[0].cards.pop(one)

    assert list(lost(other, saved, designers)) == [f"text of {one}", *[text for text in lost(flow, saved, designers)]]
    assert "gesture ann0" in lost(flow, saved[1:] if saved[0] == "ann0" else [key for key in saved if key != "ann0"], designers)
