"""Two readings of Meta's rules, the product's lint and the simulator's reviewer, tied to the same table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flowbuilder.core.lint import META_CODES, lint
from flowbuilder.core.template import TemplateContent
from flowbuilder.simulator.codes import GraphError
from flowbuilder.simulator.reviewer import definition, refusals, verdicts
from flowbuilder.whatsapp import payloads

DATA = Path(__file__).parent.parent / "data" / "lint"
BASE = json.loads((DATA / "_base.json").read_text())
RULES = [rule for file in sorted(DATA.glob("[a-z]*.json")) for rule in json.loads(file.read_text())]
ROWS = [changes for rule in RULES for verdict in ("breaks", "passes") for changes in rule[verdict]]


def _judged(content: TemplateContent) -> str:
    """``100/subcode`` when refused at once, the reason when rejected, else the category that it is approved as."""
    template = definition.read(payloads.create(content, "order_ready"))
    try:
        refusals.check(template)
    except GraphError as error:
        return f"{error.code}/{error.subcode}"
    verdict = verdicts.judge(template, is_duplicate=False)
    return verdict.category if verdict.status == "APPROVED" else verdict.reason


def _content(changes: dict[str, Any]) -> TemplateContent:
    return TemplateContent.from_json({**BASE, **changes})


def _foreseen(changes: dict[str, Any]) -> set[str]:
    """Meta's codes for what the lint finds; empty when it finds something that has none."""
    errors = {finding.code for finding in lint(_content(changes)) if finding.is_error}
    return {META_CODES[code] for code in errors} if errors and errors <= set(META_CODES) else set()


CLEAN = [changes for changes in ROWS if not lint(_content(changes)) and "language" not in changes]
FORESEEN = [changes for changes in ROWS if _foreseen(changes)]


def _words(changes: dict[str, Any]) -> str:
    return json.dumps(changes, ensure_ascii=True)[:60]


@pytest.mark.parametrize("changes", CLEAN, ids=_words)
def test_what_the_lint_lets_pass_is_approved_as_asked(changes: dict[str, Any]) -> None:
    assert _judged(_content(changes)) == _content(changes).category.value


@pytest.mark.parametrize("changes", FORESEEN, ids=_words)
def test_what_the_lint_foresees_comes_with_the_code_it_names(changes: dict[str, Any]) -> None:
    assert _judged(_content(changes)) in _foreseen(changes)


def test_the_table_is_large_enough_to_mean_something() -> None:
    assert len(CLEAN) > 30
    assert len(FORESEEN) > 25
