"""README's recipe for a new kind of step, followed to the letter in a copy of the house: three files and a conversation, nothing else."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_KIND = '''"""Shout: says a text in capitals and goes on."""

from __future__ import annotations

from flowbuilder.core.flow import Node, Port
from flowbuilder.core.message import Text
from flowbuilder.core.nodes.base import NEXT, Context, NodeKind, name_of
from flowbuilder.core.nodes.moves import Leave, Move
from flowbuilder.core.nodes.limits import text_limit


class Shout(NodeKind):
    name = "shout"
    label = "Shout"
    icon = "bell"
    group = "Logic"

    def ports(self, node: Node) -> tuple[Port, ...]:
        return (NEXT,)

    def blank(self) -> dict:
        return {"text": ""}

    def enter(self, node: Node, context: Context) -> Move:
        context.say(Text(context.fill(node.data["text"]).upper()))
        return Leave(NEXT.id)

    def limits(self, node: Node):
        return text_limit(node, name_of(self, node), "text", "the text", node.data["text"], 100, required=True)


KIND = Shout()
'''
_SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Shout", "type": "object", "additionalProperties": False,
    "required": ["text"], "properties": {"text": {"type": "string", "maxLength": 8192}},
}  # fmt: skip
_TEMPLATE = """{% block card %}{{ parts.head(kind) }}<div class="step-text">{{ said(data.text) }}</div>{{ parts.outs(ports) }}{% endblock %}
{% block panel %}{% call parts.panel_head(kind, node) %}Says it loudly.{% endcall %}{% endblock %}"""
_SCENARIO = {
    "flow": {
        "schema": 1, "name": "Loud",
        "nodes": [
            {"id": "n1", "kind": "you_send_it", "data": {}},
            {"id": "n2", "kind": "shout", "data": {"text": "Hello {{contact.name}}"}},
            {"id": "n3", "kind": "finish", "data": {"outcome": "success"}},
        ],
        "edges": [{"source": "n1", "port": "continue", "target": "n2"}, {"source": "n2", "port": "next", "target": "n3"}],
    },
    "variables": {"contact.name": "Ann"},
    "turns": [{"tap": "continue", "said": ["HELLO ANN"], "status": "finished"}],
}  # fmt: skip
_TESTS = ["tests/core/test_kinds.py", "tests/core/test_scenarios.py", "-k", "shout or loud"]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in ("flowbuilder", "flows_schema", "templates", "tests"):
        ignored = shutil.ignore_patterns("__pycache__", "simulator", "e2e", "bench", "web", "services", "conformance", "faults")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored if name == "tests" else shutil.ignore_patterns("__pycache__"))
    for name in ("static", "pyproject.toml", "README.md"):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


def test_a_kind_is_one_file_in_each_layer_and_a_conversation(copy):
    files = {
        "flowbuilder/core/nodes/shout.py": _KIND,
        "flows_schema/nodes/shout.json": json.dumps(_SCHEMA),
        "templates/flows/nodes/shout.html": _TEMPLATE,
        "tests/data/scenarios/loud.json": json.dumps(_SCENARIO),
    }
    recipe = re.search(r"## Adding a kind of step\n(.*?)\n## ", (ROOT / "README.md").read_text(), re.DOTALL)[1]
    steps = re.findall(r"^\d+\. `([^`]+)`", recipe, re.MULTILINE)
    assert [path.replace("<kind>", "shout").replace("<name>", "loud") for path in steps] == list(files)
    for path, text in files.items():
        (copy / path).write_text(text)

    told = _tests_of(copy)

    assert told.returncode == 0, told.stdout[-3000:]
    assert int(re.search(r"(\d+) passed", told.stdout)[1]) >= 9


def _tests_of(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-x", "-p", "no:cacheprovider", "-c", "pyproject.toml", *_TESTS]
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120)
