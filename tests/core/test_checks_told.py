"""What the checks say of validations, whose ways out tell what came of them, and of notes."""

from __future__ import annotations

from flowbuilder.core.checks import CHECKS, review
from flowbuilder.core.checks.about import NEEDS
from flowbuilder.core.commands import apply
from flowbuilder.core.nodes import KINDS
from tests.core.test_checks import END, FACTS, START, build
from tests.core.test_checks_more import found


def test_what_ways_out_tell_need_not_be_used_and_a_new_validation_stays_within_the_window():
    data = KINDS["validation"].blank() | {"provider": "p1"}
    edges = "n1.continue>n2 n2.approved>n3 n2.rejected>n3 n2.expired>n3 n3.next>n9"
    told = ("n3", "validation_result", KINDS["validation_result"].blank())
    flow = build(START, ("n2", "validation", data), told, END, edges=edges)
    assert found(flow, "unused") == found(flow, "outside_window") == []
    late = build(START, ("n2", "validation", data | {"after": 86400}), told, END, edges=edges)
    (finding,) = found(late, "outside_window")
    assert "says something up to 1 day after" in finding.text and "after “Approved” of Validation" in finding.text


def test_results_that_are_told_in_other_words_are_not_the_same():
    said = KINDS["validation_result"].blank()
    edges = "n1.continue>n2 n2.approved>n3 n2.rejected>n4 n2.expired>n4 n3.next>n9 n4.next>n9"
    steps = (START, ("n2", "validation", KINDS["validation"].blank() | {"provider": "p1"}), ("n3", "validation_result", said))
    assert found(build(*steps, ("n4", "validation_result", said), END, edges=edges), "same") != []
    assert found(build(*steps, ("n4", "validation_result", said | {"rejected": "Not this time."}), END, edges=edges), "same") == []
    failed = ("n8", "finish", {"outcome": "failure"})
    apart = build(*steps, ("n4", "validation_result", said), END, failed, edges=edges.replace("n4.next>n9", "n4.next>n8"))
    assert found(apart, "same") == [], "each ends in its own way"


def test_that_every_path_ends_is_not_said_while_an_answer_leads_nowhere():
    held = {True: review(build(START, END, edges="n1.continue>n9"), FACTS).held, False: review(build(START, END, edges=""), FACTS).held}
    assert ["Every path ends" in held[is_led] for is_led in (True, False)] == [True, False]


def test_an_empty_note_is_removed_in_one_click():
    flow = build(START, ("n4", "note", KINDS["note"].blank() | {"text": " "}), END, edges="n1.continue>n9")
    (finding,) = found(flow, "dead_note")
    assert "n4" not in apply(flow, finding.fix.command).flow.nodes


def test_what_a_proof_needs_belongs_to_a_check():
    assert NEEDS.keys() <= CHECKS.keys()
