"""Steps that were copied in a flow of one workspace and are pasted in a flow of another."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from flowbuilder import clock
from flowbuilder.core.nodes import KINDS
from flowbuilder.services import flows
from flowbuilder.store import db, new_id
from flowbuilder.store.accounts import Line, Workspace
from flowbuilder.store.flows import FlowChange, FlowDraft
from flowbuilder.store.handovers import Team
from flowbuilder.store.media import MediaFile
from flowbuilder.store.validations import Provider
from tests.services.test_flows import approved, now

pytestmark = pytest.mark.database


@pytest.fixture
def abroad(workspace: Workspace) -> FlowDraft:
    """A flow of Globex, a workspace that has nothing yet."""
    other = Workspace(id=new_id("wsp"), name="Globex", created_at=clock.now())
    db.session.add(other)
    db.session.commit()
    return flows.create(other.id, "Elsewhere")


@pytest.fixture
def named(workspace: Workspace, line: Line) -> dict[str, str]:
    """One of everything that steps name by an id of Acme."""
    made = {"workspace_id": workspace.id, "created_at": clock.now()}
    found = {
        "team": Team(id=new_id("tea"), name="Returns", **made),
        "file": MediaFile(id=new_id("med"), kind="IMAGE", mime="image/png", size=1, name="map.png", digest="", **made),
        "provider": Provider(id=new_id("prv"), name="Checks", base_url="https://example.com", secret=b"", checks=["face"], **made),
    }
    db.session.add_all(found.values())
    db.session.commit()
    return {key: row.id for key, row in found.items()} | {"message": approved(line).id, "flow": flows.create(workspace.id, "Next").id}


def _copied(named: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """A step of every kind that names something, with words of its own."""
    key = {"headers": [{"name": "X-Key", "value": "", "secret": "shop_key"}]}
    data = {
        "m1": ("message", {"type": "image", "text": "Here we are.", "medium": {"kind": "IMAGE", "file": named["file"], "name": "map.png"}}),
        "m2": ("message", {"text": "Bye, {{first_name}}."}),
        "v1": ("validation", {"provider": named["provider"], "check": "face", "text": "Show your face, please."}),
        "h1": ("hand_over", {"team": named["team"], "note": "Wants a refund."}),
        "o1": ("outbound_message", {"message": named["message"], "replies": [{"id": "r1", "title": "Yes"}], "parameters": {"a": "b"}}),
        "c1": ("phone_code", {"message": named["message"]}),
        "g1": ("go_to_flow", {"flow": named["flow"]}),
        "r1": ("http_request", {"url": "https://shop.example/orders"} | key),
    }
    return {id: {"id": id, "kind": kind, "data": KINDS[kind].blank() | own} for id, (kind, own) in data.items()}


def _paste(draft: FlowDraft, steps: Mapping[str, Mapping[str, Any]]) -> flows.Changed:
    """As the canvas sends it: steps, then their connections, as one change."""
    adds = [{"kind": "add_node", "node": step, "at": [300, 40 * at]} for at, step in enumerate(steps.values())]
    ways = (("n1", "continue", "m1"), ("m1", "next", "m2"))
    connects = [{"kind": "connect", "source": source, "port": port, "target": target} for source, port, target in ways]
    return flows.change(draft.workspace_id, draft.id, {"kind": "all", "commands": adds + connects, "words": "Pasted"}, None)


def test_nothing_of_pasted_steps_points_into_the_workspace_that_they_came_from(abroad: FlowDraft, named: dict[str, str]) -> None:
    steps = _copied(named)
    changed = _paste(abroad, steps)
    kept = db.session.query(FlowChange).filter_by(flow_id=abroad.id).one()
    held = json.dumps([now(abroad).to_json(), kept.command, kept.inverse])

    assert [id for id in named.values() if id in held] == []
    assert changed.left_out == (
        "the file of Message", "the provider of Validation", "the team of Hand over to a person",
        "the outbound message of Outbound message", "the outbound message of Phone code", "the flow of Go to flow",
    )  # fmt: skip


def test_everything_else_of_pasted_steps_is_exact(abroad: FlowDraft, named: dict[str, str]) -> None:
    steps = _copied(named)
    _paste(abroad, steps)
    flow = now(abroad)

    for id, step in steps.items():
        kept = {key: value for key, value in step["data"].items() if not (set(named.values()) & set(json.dumps(value).split('"')))}
        assert kept.items() <= flow.nodes[id].data.items()
    assert flow.edges == {("n1", "continue"): "m1", ("m1", "next"): "m2"}
    assert flow.layout["v1"] == (300, 80)


def test_what_has_to_be_chosen_again_is_told_step_by_step(abroad: FlowDraft, named: dict[str, str]) -> None:
    _paste(abroad, _copied(named))
    told = {(finding.node, finding.code) for finding in flows.findings_of(now(abroad), abroad.workspace_id, id=abroad.id)}

    assert {("v1", "no_provider"), ("o1", "no_outbound"), ("r1", "no_secret")} <= told
    assert {node for node, _ in told} >= {"m1", "v1", "o1", "c1", "g1", "r1"}


def test_steps_pasted_in_their_own_workspace_stay_as_they_are(workspace: Workspace, named: dict[str, str]) -> None:
    steps, here = _copied(named), flows.create(workspace.id, "Another")
    changed = _paste(here, steps)

    assert {id: now(here).nodes[id].data for id in steps} == {id: step["data"] for id, step in steps.items()}
    assert changed.left_out == ()
