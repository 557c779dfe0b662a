from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from flowbuilder.core.checks import Facts, TemplateFacts, verdict
from flowbuilder.core.flow import Flow, Node
from flowbuilder.core.flow_file import as_text
from flowbuilder.core.layout import arrange
from flowbuilder.core.leaving import as_said
from flowbuilder.core.lint import lint
from flowbuilder.core.nodes import KINDS, assigns
from flowbuilder.core.schema import FOLDER
from flowbuilder.core.template import TemplateContent, quick_replies, variables_used
from flowbuilder.core.validations import CHECKS

EXAMPLES = sorted((FOLDER / "examples").glob("*.json"))
SCENARIOS = Path(__file__).parents[1] / "data" / "scenarios"
EVERY_EXAMPLE = pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)


IN_ENGLISH = [path for path in EXAMPLES if "." not in path.stem]


@pytest.mark.parametrize("path", IN_ENGLISH, ids=lambda path: path.stem)
@pytest.mark.parametrize("language", ["es", "pt"])
def test_an_example_is_the_same_conversation_in_each_language(path, language):
    flow, other = (Flow.from_json(_read(file)["flow"]) for file in (path, path.with_suffix(f".{language}.json")))

    assert (other.edges, _columns(other)) == (flow.edges, _columns(flow))
    assert {id: node.kind for id, node in other.nodes.items()} == {id: node.kind for id, node in flow.nodes.items()}
    assert [_names(node) for node in other.nodes.values()] == [_names(node) for node in flow.nodes.values()]
    assert all(_words(node) != _words(flow.nodes[node.id]) for node in other.nodes.values() if len(_words(node)) > 20)


@pytest.mark.parametrize("path", IN_ENGLISH, ids=lambda path: path.stem)
def test_an_example_is_told_as_a_scenario_in_every_language(path):
    told = [json.loads(file.read_text()) for file in SCENARIOS.glob("*.json")]

    assert any(one.get("example") == path.stem and one.get("languages") == ["en", "es", "pt"] for one in told)


@EVERY_EXAMPLE
def test_the_outbound_messages_of_an_example_may_be_submitted_as_they_are(path):
    example = _read(path)
    for content in (example["template"], *example.get("messages", {}).values()):
        assert list(lint(TemplateContent.from_json(content))) == []


@EVERY_EXAMPLE
def test_an_example_is_in_the_one_form_of_files_and_says_what_it_shows(path):
    assert _read(path)["about"].endswith(".")
    assert as_text(_read(path)) == path.read_text()


@EVERY_EXAMPLE
def test_without_a_word_for_leaving_no_text_speaks_of_it(path):
    flow = Flow.from_json(_read(path)["flow"])
    said = as_said(flow.with_(settings=replace(flow.settings, exit_word=" ")))

    texts = [json.dumps(dict(node.data)) for node in said.nodes.values()]
    assert as_said(flow) is flow
    assert "{{exit_word}}" not in said.settings.reprompt + "".join(texts)


def _columns(flow: Flow) -> dict[str, int]:
    """Longer words make taller cards, and nothing else."""
    return {id: x for id, (x, _) in flow.layout.items()}


def _read(path: Path) -> dict:
    return json.loads(path.read_text())


def _names(node: Node) -> set[str]:
    return set(KINDS[node.kind].reads(node)) | {name for names in assigns(node).values() for name in names}


def _words(node: Node) -> str:
    return node.data.get("text", "")


@EVERY_EXAMPLE
def test_an_example_is_proved_once_its_messages_are_approved_and_nobody_is_left_without_a_word(path):
    example = _read(path)
    for node in example["flow"]["nodes"]:
        if node["kind"] == "you_send_it":
            node["data"]["template"] = "initial"
        elif node["kind"] == "outbound_message":
            node["data"]["message"] = node["id"]
        elif node["kind"] == "validation":
            node["data"]["provider"] = "p1"
    sent = {id: _facts(id, content) for id, content in {"initial": example["template"], **example.get("messages", {})}.items()}
    found = verdict(example["flow"], Facts(sent["initial"], templates=sent, providers={"p1": tuple(CHECKS)}))
    assert found.errors == ()
    assert {finding.code for finding in found.warnings} <= {"unused"}


def _facts(id: str, content: dict) -> TemplateFacts:
    content = TemplateContent.from_json(content)
    options = content.continue_option, content.finish_option
    return TemplateFacts(id, "approved", variables_used(content), *options, replies=quick_replies(content))


def test_the_examples_show_what_happens_when_nobody_answers_a_person_takes_over_or_the_window_is_over():
    kinds = {node["kind"] for path in IN_ENGLISH for node in _read(path)["flow"]["nodes"]}
    assert {"hand_over", "outbound_message"} <= kinds


@EVERY_EXAMPLE
def test_an_example_is_written_as_we_write_flows(path):
    flow = json.loads(path.read_text())["flow"]
    assert Flow.from_json(flow).to_json() == flow


@EVERY_EXAMPLE
def test_no_two_cards_of_an_example_lie_on_each_other(path):
    flow = Flow.from_json(json.loads(path.read_text())["flow"])
    assert flow.layout == arrange(flow)
    assert len(set(flow.layout.values())) == len(flow.nodes)
