from __future__ import annotations

import json

import pytest

from flowbuilder.core.checks import Facts, TemplateFacts, verdict
from flowbuilder.core.flow import Flow
from flowbuilder.core.layout import arrange
from flowbuilder.core.schema import FOLDER
from flowbuilder.core.template import TemplateContent, variables_used

EXAMPLES = sorted((FOLDER / "examples").glob("*.json"))
EVERY_EXAMPLE = pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)


def test_there_are_examples():
    assert len(EXAMPLES) >= 2


@EVERY_EXAMPLE
def test_an_example_is_clean_once_its_message_is_approved(path):
    example = json.loads(path.read_text())
    for node in example["flow"]["nodes"]:
        if node["kind"] == "you_send_it":
            node["data"]["template"] = "t1"
    template = TemplateContent.from_json(example["template"])
    facts = TemplateFacts("t1", "approved", variables_used(template), template.continue_option, template.finish_option)
    assert verdict(example["flow"], Facts(facts)).errors == ()


@EVERY_EXAMPLE
def test_an_example_is_written_as_we_write_flows(path):
    flow = json.loads(path.read_text())["flow"]
    assert Flow.from_json(flow).to_json() == flow


@EVERY_EXAMPLE
def test_no_two_cards_of_an_example_lie_on_each_other(path):
    flow = Flow.from_json(json.loads(path.read_text())["flow"])
    assert flow.layout == arrange(flow)
    assert len(set(flow.layout.values())) == len(flow.nodes)
