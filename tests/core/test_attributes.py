"""Attributes of a contact: their names and limits, and what steps, checks and files make of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowbuilder.core import attributes
from flowbuilder.core.checks import Facts, check
from flowbuilder.core.commands import apply
from flowbuilder.core.engine import begin, resume
from flowbuilder.core.variables import of_contact
from tests.core.conversations import CONTINUE, NOW, flow_of
from tests.core.test_checks import END, START, TEMPLATE, build

FACTS = Facts(TEMPLATE, attributes=frozenset({"contact.city"}))


def _sets(variable: str, value: str = "Lima") -> tuple[str, str, dict]:
    return "n2", "set_variable", {"variable": variable, "type": "text", "value": value}


def test_a_step_sets_an_attribute_and_the_next_step_sees_it():
    says = ("n3", "message", {"text": "Still in {{contact.city}}, {{contact.plan}}?"})
    end = ("n9", "finish", {"outcome": "success"})
    flow = flow_of(_sets("contact.city"), says, end, edges={("n2", "next"): "n3", ("n3", "next"): "n9"})
    sprint = resume(flow, begin(flow, of_contact("Ann", "+51987654321", {"city": "Quito", "plan": "Gold"}), NOW), CONTINUE, NOW)
    assert sprint.attributes == {"city": "Lima"}
    assert sprint.said[0]["body"] == "Still in Lima, Gold?"


@pytest.mark.parametrize(
    ("variable", "codes"), [("contact.city", []), ("contact.name", ["variable_name"]), ("contact.City", ["variable_name"])]
)
def test_of_a_contact_only_attributes_are_set(variable: str, codes: list[str]):
    flow = build(START, _sets(variable), END, edges="n1.continue>n2 n2.next>n9")
    assert [one.code for one in check(flow, FACTS) if one.is_error] == codes


def test_an_attribute_is_never_unset_but_one_that_no_contact_has_is_told_with_what_was_meant():
    says = ("n2", "message", {"text": "{{contact.city}} {{contact.citi}}"})
    flow = build(START, says, END, edges="n1.continue>n2 n1.finish>n2 n2.next>n9")
    (finding,) = check(flow, FACTS)
    assert (finding.code, finding.is_error) == ("no_attribute", False)
    assert apply(flow, finding.fix.command).flow.nodes["n2"].data["text"] == "{{contact.city}} {{contact.city}}"
    assert check(flow, replace(FACTS, attributes=None)) == ()


def test_an_empty_value_removes_an_attribute_and_one_too_many_is_refused():
    full = {f"a{at}": "1" for at in range(attributes.MOST)}
    assert attributes.changed({"city": "Lima"}, {"city": " ", "plan": "Gold"}) == {"plan": "Gold"}
    assert attributes.changed(full, {"more": "1"}) == full
    assert [one.code for one in attributes.problems(full, {"more": "1"})] == ["too_many"]
    assert [one.code for one in attributes.problems({}, {"name": "Ann", "long": "x" * 1001})] == ["malformed", "too_long"]


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("attribute: City", "city"),
        ("Attribute:Año de alta", "ano_de_alta"),
        ("contact.city", "city"),
        ("City", ""),
        ("attribute: name", ""),
    ],
)
def test_a_header_says_that_its_column_is_an_attribute(header: str, name: str):
    assert attributes.of_header(header) == name
