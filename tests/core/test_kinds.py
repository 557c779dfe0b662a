"""Walks the registry: what every kind of step must bring along, so that a new one cannot be forgotten anywhere."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowbuilder.core.flow import Node
from flowbuilder.core.nodes import KINDS, name_of
from flowbuilder.core.schema import FOLDER, node_problems
from tests.core.strategies import nodes

TEMPLATES = Path(__file__).parents[2] / "templates" / "flows" / "nodes"
EVERY_KIND = pytest.mark.parametrize("name", KINDS)


def blank(name: str) -> Node:
    return Node("n1", name, KINDS[name].blank())


@EVERY_KIND
def test_it_has_a_module_of_its_own(name):
    assert importlib.import_module(f"flowbuilder.core.nodes.{name}").KIND is KINDS[name]


@EVERY_KIND
def test_it_has_a_schema_that_the_flow_schema_names(name):
    document = json.loads((FOLDER / "nodes" / f"{name}.json").read_text())
    assert document["additionalProperties"] is False
    assert document["title"] == KINDS[name].label
    whole = json.loads((FOLDER / "flow.schema.json").read_text())["properties"]["nodes"]["items"]
    assert name in whole["properties"]["kind"]["enum"]
    assert {"$ref": f"nodes/{name}.json"} in [one["then"]["properties"]["data"] for one in whole["allOf"]]


@EVERY_KIND
def test_it_has_a_card_and_a_panel(name):
    template = (TEMPLATES / f"{name}.html").read_text()
    assert "card" in template
    assert "panel" in template


@EVERY_KIND
def test_it_has_words_and_an_icon(name):
    kind = KINDS[name]
    assert kind.label and kind.icon and kind.group
    assert name_of(blank(name)).startswith(kind.label)


@EVERY_KIND
def test_its_blank_data_is_in_order_and_never_shared(name):
    assert node_problems(blank(name).to_json()) == ()
    assert KINDS[name].blank() is not KINDS[name].blank()


@EVERY_KIND
@given(data=st.data())
def test_its_ports_are_steady_and_differ(name, data):
    node = data.draw(nodes("n1", (name,)))
    ports = KINDS[name].ports(node)
    assert len({port.id for port in ports}) == len(ports)
    assert all(port.id and port.label for port in ports)
    assert KINDS[name].ports(node) == ports


@EVERY_KIND
@given(data=st.data())
def test_what_it_assigns_it_assigns_on_its_own_ports(name, data):
    node = data.draw(nodes("n1", (name,)))
    assert KINDS[name].assigns(node).keys() <= {port.id for port in KINDS[name].ports(node)}


@EVERY_KIND
@given(data=st.data())
def test_its_findings_name_the_step_and_a_field(name, data):
    node = data.draw(nodes("n1", (name,)))
    for finding in KINDS[name].limits(node):
        assert finding.node == "n1"
        assert finding.field
        assert finding.text.startswith(KINDS[name].label)


@EVERY_KIND
def test_an_example_shows_it(name):
    shown = {node["kind"] for path in (FOLDER / "examples").glob("*.json") for node in json.loads(path.read_text())["flow"]["nodes"]}
    assert name in shown
