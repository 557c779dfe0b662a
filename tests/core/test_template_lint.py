from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from flowbuilder.core.lint import ALWAYS, FREE_TEXT, META_CODES, ONE_TIME_CODE, lint
from flowbuilder.core.template import TemplateContent

DATA = Path(__file__).parent.parent / "data" / "lint"
BASE = json.loads((DATA / "_base.json").read_text())
TABLE = [rule for file in sorted(DATA.glob("[a-z]*.json")) for rule in json.loads(file.read_text())]


def content(changes: dict[str, Any]) -> TemplateContent:
    return TemplateContent.from_json({**BASE, **changes})


def cases(verdict: str) -> list[Any]:
    return [pytest.param(r["code"], r["field"], c, id=f"{r['code']}-{r['field']}-{i}") for r in TABLE for i, c in enumerate(r[verdict])]


@pytest.mark.parametrize(("code", "field", "changes"), cases("breaks"))
def test_a_broken_rule_is_found_on_its_field(code: str, field: str, changes: dict[str, Any]) -> None:
    assert (code, field) in {(f.code, f.field) for f in lint(content(changes))}


@pytest.mark.parametrize(("code", "field", "changes"), cases("passes"))
def test_a_kept_rule_is_not_complained_about(code: str, field: str, changes: dict[str, Any]) -> None:
    assert (code, field) not in {(f.code, f.field) for f in lint(content(changes))}


def test_a_good_message_has_no_findings() -> None:
    assert lint(content({})) == ()


def test_every_finding_is_a_sentence_with_a_field() -> None:
    findings = [f for rule in TABLE for changes in rule["breaks"] for f in lint(content(changes))]
    assert len(findings) > 90
    assert [f for f in findings if not f.field or not f.text.endswith(".")] == []


def test_the_table_knows_every_code_that_the_rules_can_give() -> None:
    shown = {rule["code"] for rule in TABLE}
    written = set()
    for rule in ALWAYS + FREE_TEXT + ONE_TIME_CODE:
        written |= {c for c in rule.__code__.co_consts if isinstance(c, str) and c.replace("_", "").isalpha() and "_" in c and c.islower()}
    written -= {"continue_option", "finish_option"}
    assert {code for code in written if code not in shown} == set()
    assert set(META_CODES) <= shown


def test_a_one_time_code_is_not_asked_for_a_text() -> None:
    assert lint(content({"category": "AUTHENTICATION", "body": "", "conversation": "FLOW", "continue_option": ""})) == ()
