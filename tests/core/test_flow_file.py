"""Flows as files: one text per flow, and older versions of the format brought up to date."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowbuilder.core import flow_file
from flowbuilder.core.commands import Refused, apply
from flowbuilder.core.diff import compare
from flowbuilder.core.flow import SCHEMA, Flow
from flowbuilder.core.migrations import CHAIN, migrate
from flowbuilder.core.schema import problems
from tests.core.conversations import choice
from tests.core.strategies import commands, flows

MIGRATIONS = Path(__file__).parents[1] / "data" / "migrations"


def read(text: str) -> Flow:
    document, findings = flow_file.read(text)
    assert findings == ()
    return Flow.from_json(document)


@given(flows())
def test_reading_what_was_written_changes_nothing(flow):
    text = flow_file.write(flow)

    assert not compare(flow, read(text))
    assert flow_file.write(read(text)) == text


@given(flows(), st.data())
def test_two_files_are_equal_exactly_when_the_flows_are(flow, data):
    try:
        other = apply(flow, data.draw(commands(flow))).flow
    except Refused:
        other = flow
    assert (flow_file.write(flow) == flow_file.write(other)) == (not compare(flow, other))


@given(flows(), st.randoms())
def test_the_order_in_which_a_file_lists_things_does_not_matter(flow, random):
    document = flow.to_json()
    for part in ("nodes", "edges"):
        random.shuffle(document[part])
    shuffled = dict(random.sample(list(document.items()), len(document)))

    assert flow_file.write(read(json.dumps(shuffled))) == flow_file.write(flow)


def test_where_the_cards_lie_is_a_part_of_its_own():
    flow = choice()
    moved = flow.with_(layout={"n1": (40, 80)})
    ours, theirs = (json.loads(flow_file.write(one)) for one in (flow, moved))

    assert ours.pop("layout") != theirs.pop("layout")
    assert ours == theirs


def test_an_example_keeps_what_it_has_around_its_flow():
    raw = json.dumps({"flow": choice().to_json(), "template": {"body": "Hi"}}).encode()
    again = json.loads(flow_file.rewrite(raw, choice(text="New")))

    assert again["template"] == {"body": "Hi"}
    assert Flow.from_json(again["flow"]) == choice(text="New")


@pytest.mark.parametrize("version", [SCHEMA + 1, 99])
def test_a_file_of_a_newer_version_is_refused_in_one_sentence(version):
    _, findings = flow_file.read(json.dumps({**choice().to_json(), "schema": version}))

    assert [finding.code for finding in findings] == ["unknown_version"]
    assert f"version {version}" in findings[0].text and "Update FlowBuilder" in findings[0].text


def test_there_is_a_way_from_every_older_version_to_the_newest():
    assert sorted(CHAIN) == list(range(1, SCHEMA))


def brought_up(chain, newest):
    """Each migration by a file of its own: a flow as it was in the older version, and as it is in the next one."""
    for version in chain:
        told = json.loads((MIGRATIONS / f"{version}.json").read_text())
        assert told["before"]["schema"] == version
        assert migrate(told["before"], chain, version + 1) == told["after"]
        yield migrate(told["before"], chain, newest)


def test_every_migration_has_a_file_that_it_brings_up_to_a_flow_of_the_newest_version():
    assert all(problems(document) == () for document in brought_up(CHAIN, SCHEMA))


def test_a_migration_without_a_file_is_found():
    with pytest.raises(FileNotFoundError):
        list(brought_up({1: lambda document: document}, 2))


def test_an_older_file_goes_through_every_step_of_the_chain():
    chain = {1: lambda document: document | {"a": "one"}, 2: lambda document: document | {"b": document["a"] + ", two"}}

    assert migrate({"schema": 1}, chain, 3) == {"schema": 3, "a": "one", "b": "one, two"}
    assert migrate({"schema": 2, "a": "as it was"}, chain, 3) == {"schema": 3, "a": "as it was", "b": "as it was, two"}
    assert migrate({"schema": 3}, chain, 3) == {"schema": 3}


@pytest.mark.parametrize("document", [None, [], "text", {}, {"schema": "1"}, {"schema": 0}, {"schema": True}, {"schema": -4}])
def test_what_is_no_flow_is_left_for_the_schema_to_refuse(document):
    assert migrate(document, {1: lambda document: document}, 2) == document
    assert flow_file.read(json.dumps(document))[1]
