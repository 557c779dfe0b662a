from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowbuilder.core.finding import Finding
from flowbuilder.core.lint import lint
from flowbuilder.core.lint.fixes import fixed, undo_of, undone
from flowbuilder.core.template import Call, Category, Link, Reply, TemplateContent, Variable
from tests.core.test_template_lint import TABLE, content

CURABLE = [
    pytest.param(changes, index, id=f"{finding.code}-{finding.field}-{finding.fix.do}-{number}")
    for number, changes in enumerate(changes for rule in TABLE for changes in rule["breaks"])
    for index, finding in enumerate(lint(content(changes)))
    if finding.fix
]


def cure(message: TemplateContent, code: str) -> TemplateContent:
    return fixed(message, next(finding for finding in lint(message) if finding.code == code and finding.fix))


@pytest.mark.parametrize(("changes", "index"), CURABLE)
def test_a_fix_cures_what_it_is_offered_for_and_breaks_nothing_else(changes: dict[str, Any], index: int) -> None:
    before = content(changes)
    finding = lint(before)[index]
    after = fixed(before, finding)
    assert after != before
    assert (finding.code, finding.field, finding.text) not in {(f.code, f.field, f.text) for f in lint(after)}
    errors = {(f.code, f.field) for f in lint(before) if f.is_error}
    new = {(f.code, f.field) for f in lint(after) if f.is_error} - errors
    assert {fault for fault in new if fault[0] != "missing_example"} == set()


def test_the_table_has_fixes_of_every_kind() -> None:
    kinds = {finding.fix.do.partition(":")[0] for rule in TABLE for c in rule["breaks"] for finding in lint(content(c)) if finding.fix}
    assert kinds == {"cut", "plain", "gather", "plus", "https", "nearest", "rename", "greet", "thank", "marketing", "language"}


def test_a_label_is_cut_at_the_end_of_a_word() -> None:
    message = content({"actions": [{"kind": "reply", "label": "Please do not send me offers"}]})
    assert cure(message, "label_too_long").actions == (Reply("Please do not send me"),)


def test_a_header_is_never_cut_inside_of_a_word_in_braces() -> None:
    message = content({"header": "x" * 50 + " {{first_name}}"})
    assert cure(message, "header_too_long").header == "x" * 50


def test_marks_are_taken_out_of_a_header_but_not_out_of_names() -> None:
    message = content({"header": "*Order* of {{first_name}} 🎉\nready"})
    assert cure(message, "header_form").header == "Order of {{first_name}} ready"


def test_a_word_at_an_edge_gets_words_of_the_language_around_it() -> None:
    message = content({"body": "{{first_name}}, tu pedido es el {{order}}", "language": "es_MX"})
    whole = cure(cure(message, "word_at_edge"), "word_at_edge")
    assert whole.body == "Hola {{first_name}}, tu pedido es el {{order}}. Gracias."


def test_a_name_that_meta_does_not_take_is_put_right_everywhere() -> None:
    link = {"kind": "link", "label": "Track", "url": "https://a.example/{{Order No}}"}
    message = content({"body": "Hello {{first_name}}, order {{Order No}} is ready for you now.", "actions": [link]})
    after = cure(message, "word_name")
    assert after.body == "Hello {{first_name}}, order {{order_no}} is ready for you now."
    assert after.actions == (Link("Track", "https://a.example/{{order_no}}"),)


def test_names_by_number_become_names_without_gaps() -> None:
    message = content({"body": "Hello {{1}}, your order {{2}} is ready at our shop now.", "variables": []})
    after = cure(cure(message, "word_name"), "word_name")
    assert after.body == "Hello {{word_1}}, your order {{word_2}} is ready at our shop now."


def test_a_number_without_a_plus_gets_one_only_if_that_makes_a_real_number() -> None:
    message = content({"actions": [{"kind": "call", "label": "Call", "phone": "49 30 901820"}]})
    assert cure(message, "phone_form").actions == (Call("Call", "+49 30 901820"),)
    (finding,) = lint(content({"actions": [{"kind": "call", "label": "Call", "phone": "030 901820"}]}))
    assert (finding.code, finding.fix) == ("phone_form", None)


def test_a_change_is_taken_back_without_losing_what_was_typed_since() -> None:
    before = content({"body": "Big sale: {{first_name}}, everything in our shop is half of its price.", "header": "Sale"})
    after = cure(before, "promotional_words")
    undo = undo_of(before, after)
    assert undone(after, undo) == before
    typed = replace(after, body="Something else was typed.", category=Category.MARKETING)
    assert undone(typed, undo) == replace(typed, category=Category.UTILITY)
    assert undone(replace(typed, category=Category.UTILITY), undo).body == "Something else was typed."


@given(st.recursive(st.none() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)) | st.text())
def test_any_wish_to_undo_can_be_read(wish: Any) -> None:
    message = content({})
    assert isinstance(undone(message, wish if isinstance(wish, str) else json.dumps(wish)), TemplateContent)


TEXTS = st.text(alphabet="ab {}_*\n😀1", max_size=70)


@given(TEXTS, TEXTS, TEXTS, TEXTS)
def test_all_fixes_one_after_the_other_come_to_an_end(header: str, body: str, footer: str, label: str) -> None:
    message = TemplateContent(header=header, body=body, footer=footer, actions=(Reply(label),), variables=(Variable("a", "x\n"),))
    for _ in range(40):
        curable = [finding for finding in lint(message) if finding.fix]
        if not curable:
            break
        after = fixed(message, curable[0])
        assert after != message
        message = after
    assert not [finding for finding in lint(message) if finding.fix]


def test_a_finding_without_a_fix_changes_nothing() -> None:
    assert fixed(content({}), Finding("x", "y.", field="body")) == content({})
