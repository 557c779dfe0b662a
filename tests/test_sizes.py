"""Files stay small enough to be read at a sitting: the tail is watched, not the median."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULE, FUNCTION, VIEW, TEMPLATE, ASSET = 300, 40, 15, 200, 300


def _files(*patterns: str) -> list[Path]:
    return sorted(path for pattern in patterns for path in ROOT.glob(pattern))


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


MODULES = [
    path for path in _files("flowbuilder/**/*.py", "tests/**/*.py") if not {"versions", "node_modules"} & set(path.relative_to(ROOT).parts)
]
ASSETS = _files("static/*.mjs", "static/css/**/*.css", "static/js/**/*.js")


def _functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """From the signature to the end, its docstring not counted: words shall not be saved on."""
    length = (node.end_lineno or 0) - node.lineno + 1
    first = node.body[0]
    if ast.get_docstring(node) is not None:
        length -= (first.end_lineno or 0) - first.lineno + 1
    return length


def _is_view(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Decorated by a route of a blueprint, as in ``@bp.get("/…")``."""
    targets = [decorator.func for decorator in node.decorator_list if isinstance(decorator, ast.Call)]
    return any(isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "bp" for target in targets)


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_a_module_is_short_and_so_are_its_functions(path: Path) -> None:
    assert len(path.read_text().splitlines()) < MODULE
    assert [f"{node.name}: {_lines(node)} lines" for node in _functions(path) if _lines(node) >= FUNCTION] == []


@pytest.mark.parametrize("path", _files("flowbuilder/web/**/*.py"), ids=_name)
def test_a_view_reads_calls_and_answers(path: Path) -> None:
    assert [f"{node.name}: {_lines(node)} lines" for node in _functions(path) if _is_view(node) and _lines(node) >= VIEW] == []


@pytest.mark.parametrize("path", _files("templates/**/*.html"), ids=_name)
def test_a_template_is_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) < TEMPLATE


@pytest.mark.parametrize("path", ASSETS, ids=_name)
def test_a_script_or_style_is_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) < ASSET


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_no_module_is_called_by_what_it_is_not(path: Path) -> None:
    assert not {path.stem, *path.relative_to(ROOT).parts} & {"utils", "helpers", "common", "misc"}


@pytest.mark.parametrize("path", [path for path in MODULES if "flowbuilder" in path.parts and path.read_text().strip()], ids=_name)
def test_a_module_says_what_lives_there(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text()))
