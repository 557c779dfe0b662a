"""What the checks say, as the editor is told it."""

from __future__ import annotations

import json
from collections.abc import Callable

from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from flowbuilder.core.nodes import KINDS
from flowbuilder.services import flows
from flowbuilder.store.accounts import Workspace


def test_a_problem_names_a_field_or_a_way_out_that_the_panel_of_its_step_has(
    sign_in: Callable[..., FlaskClient], workspace: Workspace
) -> None:
    designer, draft = sign_in("designer"), flows.create(workspace.id, "Order ready")
    new = [
        {"kind": "add_node", "node": {"id": kind.name, "kind": kind.name, "data": kind.blank()}, "at": [0, 0]}
        for kind in KINDS.values()
        if not kind.is_start
    ]
    flows.change(workspace.id, draft.id, {"kind": "all", "commands": new}, None)
    shown = BeautifulSoup(designer.get(f"/flows/{draft.id}").text, "html.parser").select_one("[data-canvas]")
    found = [one for one in json.loads(shown["data-start"])["findings"] if one["field"] and one["field"] != "template"]
    panels = {
        id: BeautifulSoup(designer.get(f"/flows/{draft.id}/steps/{id}/panel").text, "html.parser") for id in {one["node"] for one in found}
    }

    def is_there(node: str, field: str, port: str | None) -> bool:
        places = [f'[data-goes="{port}"]'] if port else [f'[{name}="{field}"]' for name in ("name", "data-list", "data-group", "data-file")]
        return any(panels[node].select(place) for place in places)

    assert {one["port"] for one in found} >= {None, "next", "otherwise", "no_reply"}
    assert [one for one in found if not is_there(one["node"], one["field"], one["port"])] == []
