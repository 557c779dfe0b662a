"""Arrows between the layers point one way; some things happen in one place only."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "flowbuilder"
MODULES = sorted(PACKAGE.glob("**/*.py"))


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _is_in(path: Path, *places: str) -> bool:
    return any(path == PACKAGE / place or PACKAGE / place in path.parents for place in places)


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _calls(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def _outside(*places: str) -> list[Path]:
    """Our modules that are not there. The simulator is a program of its own and answers for itself."""
    return [path for path in MODULES if not _is_in(path, *places, "simulator")]


def test_the_arrows_between_the_layers_hold() -> None:
    program = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"
    linter = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert linter.returncode == 0, linter.stdout


@pytest.mark.parametrize("path", [path for path in MODULES if _is_in(path, "simulator")], ids=_name)
def test_the_simulator_imports_nothing_of_ours(path: Path) -> None:
    assert [name for name in _imported(path) if name.startswith("flowbuilder") and not name.startswith("flowbuilder.simulator")] == []


@pytest.mark.parametrize("path", [path for path in MODULES if _is_in(path, "core")], ids=_name)
def test_core_thinks_with_few_libraries(path: Path) -> None:
    allowed = {
        "networkx",
        "jsonschema",
        "phonenumbers",
        "jmespath",
        "charset_normalizer",
        "python_calamine",
        "PIL",
        "flowbuilder",
        *sys.stdlib_module_names,
    }
    assert {name.split(".")[0] for name in _imported(path)} <= allowed


@pytest.mark.parametrize("path", _outside("services"), ids=_name)
def test_only_services_commit(path: Path) -> None:
    assert [call for call in _calls(path) if call.endswith(".commit")] == (
        [] if not _is_in(path, "store/migrations") else ["connection.commit"] * (path.name == "env.py")
    )


@pytest.mark.parametrize("path", _outside("whatsapp", "outside"), ids=_name)
def test_only_two_layers_speak_http(path: Path) -> None:
    assert [name for name in _imported(path) if name.split(".")[0] in ("requests", "urllib3", "httpx")] == []


@pytest.mark.parametrize("path", _outside("queue"), ids=_name)
def test_only_the_queue_knows_rq(path: Path) -> None:
    assert [name for name in _imported(path) if name.split(".")[0] == "rq"] == []


@pytest.mark.parametrize("path", _outside("clock.py"), ids=_name)
def test_only_the_clock_tells_the_time(path: Path) -> None:
    asking = re.compile(r"^(datetime\.)*(datetime\.(now|utcnow|today)|date\.today)$|^time\.(time|time_ns)$")
    assert [call for call in _calls(path) if asking.match(call)] == []


@pytest.mark.parametrize("path", _outside("web"), ids=_name)
def test_only_the_web_knows_the_request(path: Path) -> None:
    assert [name for name in _imported(path) if name in ("flask.request", "flask.session", "flask.g")] == []


@pytest.mark.parametrize("path", [PACKAGE / "__init__.py", *PACKAGE.glob("web/*.py"), *PACKAGE.glob("store/*.py")], ids=_name)
def test_nothing_is_created_at_import(path: Path) -> None:
    created = [
        ast.unparse(node.value.func)
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
    ]
    assert not {"create_app", "Flask", "Redis", "Queue", "Client", "create_engine"} & {call.split(".")[-1] for call in created}
