"""What the checks advise against brute force: by trying out, comparing each with each, and looking through all texts."""

from __future__ import annotations

import json
import re
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from flowbuilder.core.checks import check
from flowbuilder.core.conditions import as_spoken
from flowbuilder.core.engine import resume
from flowbuilder.core.flow import Flow
from flowbuilder.core.message import FOOTER_MAX
from flowbuilder.core.nodes import KINDS, assigns, ports
from tests.core.conversations import NOW, started, text
from tests.core.strategies import flows
from tests.core.test_checks import END, FACTS, START, build, question, walks


def nodes_found(flow: Flow, code: str) -> list[str | None]:
    return [finding.node for finding in check(flow, FACTS) if finding.code == code]


@given(flows(most=6, is_forward=False))
@settings(deadline=None)
def test_a_question_is_unanswered_exactly_when_it_waits_for_a_person_and_nothing_follows_silence(flow):
    asking = {id for id, node in flow.nodes.items() if KINDS[node.kind].hears and not KINDS[node.kind].is_start}
    assert set(nodes_found(flow, "unanswered")) == {id for id in asking if (id, "no_reply") not in flow.edges}


@given(flows(most=6))
@settings(deadline=None)
def test_an_end_is_silent_exactly_when_some_way_to_it_says_nothing_after_an_answer(flow):
    expected = set()
    for steps, taken, _ in walks(flow):
        last, kind = flow.nodes[steps[-1]], KINDS[flow.nodes[steps[-1]].kind]
        open_ = [port.id for port in ports(last) if not port.must_lead and (last.id, port.id) not in flow.edges]
        if kind.waits and any(kind.lasts(last, port).is_surely_heard for port in open_):
            expected.add(last.id)
        said_nothing = not ports(flow.nodes[steps[-1]]) and not KINDS[flow.nodes[steps[-1]].kind].calls(flow.nodes[steps[-1]])
        for id, port in reversed([*zip(steps, taken, strict=False), (steps[-1], "")]):
            node, kind = flow.nodes[id], KINDS[flow.nodes[id].kind]
            if kind.waits:
                if said_nothing and kind.lasts(node, port).is_surely_heard:
                    expected.add(steps[-1])
                break
            said_nothing = said_nothing and kind.says(node) == 0
    assert set(nodes_found(flow, "silent_end")) == expected


@given(flows(most=6, is_forward=False))
@settings(deadline=None)
def test_a_variable_is_unused_exactly_when_no_text_and_no_test_names_it(flow):
    texts = json.dumps([node.to_json()["data"] for node in flow.nodes.values()])
    tested = {test["variable"] for node in flow.nodes.values() for one in node.data.get("branches", ()) for test in one["tests"]}
    shown = {node.data["variable"] for node in flow.nodes.values() if node.kind == "validation_result"}
    named = set(re.findall(r"{{\s*([^{}\s]+)\s*}}", texts)) | tested | shown
    kept = {
        name for node in flow.nodes.values() if not KINDS[node.kind].ports_tell and not KINDS[node.kind].keeps_a_file(node)
        for names in assigns(node).values() for name in names
    }  # fmt: skip
    told = " ".join(finding.text for finding in check(flow, FACTS) if finding.code == "unused")
    assert {name for name in kept if f"“{name}”" in told} == kept - named


TITLES = st.lists(st.sampled_from(("1", "2", "Yes", "yes!", "No", "3.")), min_size=1, max_size=3, unique=True)


@given(TITLES)
@settings(deadline=None)
def test_answers_overlap_exactly_when_typing_one_is_taken_for_another(titles):
    options = [{"id": f"o{at}", "title": title} for at, title in enumerate(titles, 1)]
    data = {"style": "buttons", "text": "Which?", "options": options, "tries": 1, "retry_text": ""}
    answers = [(f"m{at}", "message", {"text": f"Taken {at}"}) for at in range(1, len(titles) + 1)]
    ways = [f"n2.o{at}>m{at} m{at}.next>n9" for at in range(1, len(titles) + 1)]
    flow = build(START, ("n2", "answer_options", data), *answers, END, edges=" ".join(["n1.continue>n2 n2.otherwise>n9", *ways]))
    meant = [(at, words) for at, title in enumerate(titles, 1) for words in (title, str(at))]
    mistaken = [(at, words, there) for at, words in meant if (there := taken(flow, words)) != at]
    alike = [1 for at, words, there in mistaken if words == titles[at - 1] and as_spoken(words) == as_spoken(titles[there - 1])]
    assert bool(nodes_found(flow, "overlapping")) == (len(mistaken) > len(alike))


def taken(flow: Flow, words: str) -> int:
    """Which answer the engine takes the words for."""
    said = json.dumps([event.data for event in resume(flow, started(flow), text(words), NOW).events])
    return next(at for at in range(1, 4) if f"Taken {at}" in said)


SAID = st.sampled_from(("We will write to you soon.", "We  will write to you SOON.", "See you soon!", "Thank you!"))


@given(st.lists(st.tuples(st.sampled_from(("message", "open_question")), SAID), max_size=5))
@settings(deadline=None)
def test_a_step_says_the_same_exactly_when_an_earlier_one_of_its_kind_reads_alike(said):
    steps = [
        (f"m{at}", "message", {"text": words}) if kind == "message" else question(f"m{at}", words) for at, (kind, words) in enumerate(said)
    ]
    flow = build(START, *steps, END, edges="n1.continue>n9")
    later = {
        second for (first, one, a), (second, other, b) in combinations(steps, 2)
        if one == other and a["text"].lower().split() == b["text"].lower().split() and len(" ".join(a["text"].split())) >= 12
    }  # fmt: skip
    assert set(nodes_found(flow, "same")) == later


@given(st.lists(st.integers(1, 20), min_size=1, max_size=3), st.integers(30, FOOTER_MAX - 1))
@settings(deadline=None)
def test_a_text_is_too_long_once_filled_in_exactly_when_some_answer_makes_it_so(lengths, own):
    asked = {"style": "buttons", "text": "Which?", "variable": "kept", "tries": 1, "retry_text": ""}
    options = [{"id": f"o{at}", "title": chr(97 + at) * length} for at, length in enumerate(lengths)]
    after = asked | {"variable": "other", "options": [{"id": "o1", "title": "Yes"}], "footer": "x" * own + "{{kept}}"}
    ways = [f"n2.o{at}>n3" for at in range(len(lengths))]
    steps = ("n2", "answer_options", asked | {"options": options}), ("n3", "answer_options", after)
    flow = build(START, *steps, END, edges=" ".join(["n1.continue>n2 n2.otherwise>n9 n3.o1>n9 n3.otherwise>n9", *ways]))
    assert bool(nodes_found(flow, "too_long_filled")) == any(own + length > FOOTER_MAX for length in lengths)
