"""Findings for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from jsonschema import Draft7Validator

from flowbuilder.cli import main
from flowbuilder.core.nodes import KINDS
from flowbuilder.core.schema import FOLDER
from tests.core.test_checks import build

EXAMPLE = next(iter(sorted((FOLDER / "examples").glob("*.json"))))
SARIF = json.loads((Path(__file__).parents[1] / "data" / "sarif-2.1.0-core.json").read_text())


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    """Its second step is empty, stops, and stands in line 6."""
    file = tmp_path / "faulty.json"
    file.write_text(
        """{
  "schema": 1, "name": "Half", "settings": {}, "layout": {},
  "edges": [{"source": "n1", "port": "continue", "target": "n2"}],
  "nodes": [
    {"id": "n1", "kind": "you_send_it", "data": {"template": "t1"}},
    {"id": "n2", "kind": "message", "data": {"text": "Hi"}}
  ]
}"""
    )
    return file


def check(*args: str | Path):  # noqa: ANN201
    return CliRunner().invoke(main, ["flow", "check", *map(str, args)])


def test_a_fault_is_told_with_the_chat_that_shows_it(faulty: Path) -> None:
    result = check(faulty)
    assert result.exit_code == 1
    assert "error  n2: The conversation stops after Message “Hi”" in result.output
    assert "The initial message → Continue → Hi → silence" in result.output


def test_of_several_files_each_is_named_and_one_fault_makes_the_whole_fail(faulty: Path) -> None:
    result = check(EXAMPLE, faulty)
    assert result.exit_code == 1
    assert f"{EXAMPLE}:\n" in result.output and f"{faulty}:\n" in result.output
    assert "no check found an error" in result.output
    assert "Not judged without a workspace: the review of the initial message; " in result.output
    assert "Proved: paths " in result.output


def test_warnings_fail_only_when_that_is_asked_for(tmp_path: Path) -> None:
    assert check(EXAMPLE).exit_code == 0
    assert check("--strict", EXAMPLE).exit_code == 1


def test_a_file_that_is_not_there_is_a_wrong_call() -> None:
    assert check("nowhere.json").exit_code == 2


def test_json_says_the_same(faulty: Path) -> None:
    document = json.loads(check("--format", "json", EXAMPLE, faulty).output)
    good, bad = document["files"]
    assert (good["can_be_published"], bad["can_be_published"]) == (None, False) and good["proved"]["paths"] > 1
    assert "what a conversation costs" in good["not_judged"]
    (finding,) = (one for one in bad["findings"] if one["severity"] == "error")
    assert (finding["code"], finding["node"], finding["line"], finding["path"]) == ("no_end", "n2", 6, ["n1", "n2"])
    assert finding["told"].endswith("silence")


def test_sarif_is_sarif(faulty: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text("{\n\n")
    result = check("--format", "sarif", EXAMPLE, faulty, broken)
    assert result.exit_code == 1
    document = json.loads(result.output)
    assert list(Draft7Validator(SARIF).iter_errors(document)) == []
    (run,) = document["runs"]
    assert "the review of the initial message" in run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]
    fault = next(one for one in run["results"] if one["ruleId"] == "no_end")
    assert run["tool"]["driver"]["rules"][fault["ruleIndex"]]["id"] == "no_end"
    assert fault["locations"][0]["physicalLocation"]["region"] == {"startLine": 6}
    assert [step["location"]["logicalLocations"][0]["name"] for step in fault["codeFlows"][0]["threadFlows"][0]["locations"]] == [
        "n1",
        "n2",
    ]


def test_what_a_file_alone_can_tell_is_told(tmp_path: Path) -> None:
    steps = [("n1", "user_sends_it", {"phrases": [{"id": "p1", "text": "order"}]}), ("n2", "message", {"text": "Hi {{nmae}}"})]
    result = check(_flow(tmp_path / "typo.json", *steps, edges="n1.next>n2"))
    assert "uses “nmae”, which nothing sets" in result.output
    assert "Not judged without a workspace: whether a phrase starts another flow." in result.output
    assert "there is no initial message" in check(_flow(tmp_path / "bare.json", ("n1", "you_send_it", {}))).output


def test_files_that_are_given_together_know_one_another(tmp_path: Path) -> None:
    opening, wait = ("n1", "user_sends_it", {"phrases": [{"id": "p1", "text": "order"}]}), KINDS["wait"].blank() | {"seconds": 72000}
    over = ("n3", "go_to_flow", {"flow": "second", "values": []})
    said = (("n3", "message", {"text": "Hi"}), ("n4", "finish", {"outcome": "success"}))
    first = _flow(tmp_path / "first.json", opening, ("n2", "wait", wait), over, edges="n1.next>n2 n2.next>n3")
    second = _flow(tmp_path / "second.json", opening, ("n2", "wait", wait), *said, edges="n1.next>n2 n2.next>n3 n3.next>n4")
    alone, together = check(first), check(first, second)
    assert (alone.exit_code, together.exit_code) == (0, 1)
    assert "flows that follow" in alone.output and "What comes after “Go to flow” is not counted." in alone.output
    assert "Go to flow leads to “Flow”, which goes on with Wait" in together.output and "flows that follow" not in together.output


def _flow(file: Path, *nodes: tuple[str, str, dict], edges: str = "") -> Path:
    file.write_text(json.dumps(build(*nodes, edges=edges).to_json()))
    return file
