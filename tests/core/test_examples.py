from __future__ import annotations

import json
from pathlib import Path

import pytest

from flowbuilder.core.checks import Facts, TemplateFacts, verdict
from flowbuilder.core.flow import Flow, Node
from flowbuilder.core.flow_file import as_text
from flowbuilder.core.layout import arrange
from flowbuilder.core.lint import lint
from flowbuilder.core.nodes import KINDS, assigns
from flowbuilder.core.schema import FOLDER
from flowbuilder.core.template import TemplateContent, variables_used
from flowbuilder.core.validations import CHECKS

EXAMPLES = sorted((FOLDER / "examples").glob("*.json"))
SCENARIOS = Path(__file__).parents[1] / "data" / "scenarios"
EVERY_EXAMPLE = pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)


IN_ENGLISH = [path for path in EXAMPLES if "." not in path.stem]


@pytest.mark.parametrize("path", IN_ENGLISH, ids=lambda path: path.stem)
@pytest.mark.parametrize("language", ["es", "pt"])
def test_an_example_is_the_same_conversation_in_each_language(path, language):
    flow, other = (Flow.from_json(_read(file)["flow"]) for file in (path, path.with_suffix(f".{language}.json")))

    assert (other.edges, other.layout) == (flow.edges, flow.layout)
    assert {id: node.kind for id, node in other.nodes.items()} == {id: node.kind for id, node in flow.nodes.items()}
    assert [_names(node) for node in other.nodes.values()] == [_names(node) for node in flow.nodes.values()]
    assert all(_words(node) != _words(flow.nodes[node.id]) for node in other.nodes.values() if len(_words(node)) > 20)


@pytest.mark.parametrize("path", IN_ENGLISH, ids=lambda path: path.stem)
def test_an_example_is_told_as_a_scenario_in_every_language(path):
    told = [json.loads(file.read_text()) for file in SCENARIOS.glob("*.json")]

    assert any(one.get("example") == path.stem and one.get("languages") == ["en", "es", "pt"] for one in told)


@EVERY_EXAMPLE
def test_the_initial_message_of_an_example_may_be_submitted_as_it_is(path):
    assert list(lint(TemplateContent.from_json(_read(path)["template"]))) == []


@EVERY_EXAMPLE
def test_an_example_is_in_the_one_form_of_files_and_says_what_it_shows(path):
    assert _read(path)["about"].endswith(".")
    assert as_text(_read(path)) == path.read_text()


def _read(path: Path) -> dict:
    return json.loads(path.read_text())


def _names(node: Node) -> set[str]:
    return set(KINDS[node.kind].reads(node)) | {name for names in assigns(node).values() for name in names}


def _words(node: Node) -> str:
    return node.data.get("text", "")


@EVERY_EXAMPLE
def test_an_example_is_clean_once_its_message_is_approved(path):
    example = json.loads(path.read_text())
    for node in example["flow"]["nodes"]:
        if node["kind"] == "you_send_it":
            node["data"]["template"] = "t1"
        elif node["kind"] == "validation":
            node["data"]["provider"] = "p1"
    template = TemplateContent.from_json(example["template"])
    facts = TemplateFacts("t1", "approved", variables_used(template), template.continue_option, template.finish_option)
    assert verdict(example["flow"], Facts(facts, providers={"p1": tuple(CHECKS)})).errors == ()


@EVERY_EXAMPLE
def test_an_example_is_written_as_we_write_flows(path):
    flow = json.loads(path.read_text())["flow"]
    assert Flow.from_json(flow).to_json() == flow


@EVERY_EXAMPLE
def test_no_two_cards_of_an_example_lie_on_each_other(path):
    flow = Flow.from_json(json.loads(path.read_text())["flow"])
    assert flow.layout == arrange(flow)
    assert len(set(flow.layout.values())) == len(flow.nodes)
