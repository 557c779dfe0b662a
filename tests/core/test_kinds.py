"""Walks the registry: what every kind of step must bring along, so that a new one cannot be forgotten anywhere."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowbuilder.core.flow import Node
from flowbuilder.core.nodes import KINDS, limits, name_of
from flowbuilder.core.nodes import ports as ports_of
from flowbuilder.core.nodes.base import GROUPS
from flowbuilder.core.schema import FOLDER, node_problems
from tests.core.strategies import nodes

ROOT = Path(__file__).parents[2]
TEMPLATES, STATIC, SCENARIOS = ROOT / "templates" / "flows" / "nodes", ROOT / "static", ROOT / "tests" / "data" / "scenarios"
EVERY_KIND = pytest.mark.parametrize("name", KINDS)


def blank(name: str) -> Node:
    return Node("n1", name, KINDS[name].blank())


@EVERY_KIND
def test_it_has_a_module_of_its_own(name):
    assert importlib.import_module(f"flowbuilder.core.nodes.{name}").KIND is KINDS[name]


@EVERY_KIND
def test_it_has_a_schema(name):
    document = json.loads((FOLDER / "nodes" / f"{name}.json").read_text())
    assert document["additionalProperties"] is False
    assert document["title"] == KINDS[name].label


@EVERY_KIND
def test_it_has_a_card_and_a_panel(name):
    template = (TEMPLATES / f"{name}.html").read_text()
    assert "card" in template
    assert "panel" in template


@EVERY_KIND
def test_it_has_words_an_icon_and_a_colour(name):
    kind = KINDS[name]
    assert kind.name == name
    assert kind.label and kind.group in GROUPS
    assert kind.icon in (STATIC / "icons.txt").read_text().split()
    assert f"--tone-{kind.tone}:" in (STATIC / "css" / "canvas.css").read_text()
    assert name_of(blank(name)).startswith(kind.label)


@EVERY_KIND
def test_its_blank_data_is_in_order_and_never_shared(name):
    assert node_problems(blank(name).to_json()) == ()
    assert KINDS[name].blank() is not KINDS[name].blank()


@EVERY_KIND
@given(data=st.data())
def test_its_ports_are_steady_and_differ(name, data):
    node = data.draw(nodes("n1", (name,)))
    ports = ports_of(node)
    assert len({port.id for port in ports}) == len(ports)
    assert all(port.id and port.label for port in ports)
    assert ports_of(node) == ports


@EVERY_KIND
@given(data=st.data())
def test_what_it_assigns_it_assigns_on_its_own_ports(name, data):
    node = data.draw(nodes("n1", (name,)))
    assert KINDS[name].assigns(node).keys() <= {port.id for port in ports_of(node)}


@EVERY_KIND
@given(data=st.data())
def test_its_findings_name_the_step_and_a_field(name, data):
    node = data.draw(nodes("n1", (name,)))
    for finding in limits(node):
        assert finding.node == "n1"
        assert finding.field
        assert finding.text.startswith(KINDS[name].label)


@EVERY_KIND
def test_a_conversation_passes_through_it(name):
    whole = [json.loads(path.read_text()) for folder in (FOLDER / "examples", SCENARIOS) for path in folder.glob("*.json")]
    assert name in {node["kind"] for one in whole if "flow" in one for node in one["flow"]["nodes"]}
