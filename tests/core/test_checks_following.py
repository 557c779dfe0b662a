"""What the checks know of flows that follow: they go on there with the silence, the time and the costs that they come with."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from math import inf

from hypothesis import given, settings
from hypothesis import strategies as st

from flowbuilder.core.checks import Facts, TemplateFacts, check, review
from flowbuilder.core.checks.following import Other, facts_of
from flowbuilder.core.checks.proved import why
from flowbuilder.core.checks.window import WINDOW
from flowbuilder.core.flow import Flow, Node
from flowbuilder.core.nodes import KINDS
from tests.core.proved_flows import silent
from tests.core.strategies import flows
from tests.core.test_checks import END, START, TEMPLATE, build, question, walks
from tests.core.test_checks_judged import passed
from tests.core.test_proved import PRICES, said, seconds, ways

FACTS = Facts(replace(TEMPLATE, category="UTILITY"), prices=PRICES, currency="USD", id="f1")
SENDS = ("n0", "user_sends_it", {"phrases": [{"id": "p1", "text": "order"}]})
OVER = ("n8", "go_to_flow", {"flow": "f2", "values": []})


def knowing(facts: Facts = FACTS, **others: Flow | None) -> Facts:
    return replace(facts, flows=facts_of({id: Other(f"Flow {id}", flow) for id, flow in others.items()}, facts))


def hours(id: str, number: int) -> tuple[str, str, dict]:
    return id, "wait", KINDS["wait"].blank() | {"seconds": number * 3600}


def late(flow: Flow, facts: Facts) -> list[str]:
    return [finding.text for finding in check(flow, facts) if finding.code == "outside_window"]


def test_what_another_flow_says_after_too_long_a_silence_is_found_where_it_is_gone_over_to():
    first = build(START, hours("n2", 20), OVER, edges="n1.continue>n2 n2.next>n8")
    second = build(SENDS, hours("n2", 20), ("n3", "message", {"text": "Hi"}), END, edges="n0.next>n2 n2.next>n3 n3.next>n9")
    assert late(second, FACTS) == []
    (told,) = late(first, knowing(f2=second))
    assert "leads to “Flow f2”" in told and "→ Message “Hi”" in told and "up to 1 day 16 hours after" in told and "after Wait" in told
    assert late(first, knowing(f2=replace(second, edges={("n0", "next"): "n3", ("n3", "next"): "n9"}))) == []


def test_the_silence_is_carried_through_several_flows():
    first = build(START, hours("n2", 10), OVER, edges="n1.continue>n2 n2.next>n8")
    second = build(SENDS, hours("n2", 10), ("n8", "go_to_flow", {"flow": "f3", "values": []}), edges="n0.next>n2 n2.next>n8")
    third = build(SENDS, hours("n2", 10), ("n3", "message", {"text": "Hi"}), END, edges="n0.next>n2 n2.next>n3 n3.next>n9")
    assert late(second, knowing(f3=third)) == []
    (told,) = late(first, knowing(f2=second, f3=third))
    assert "up to 1 day 6 hours" in told and "“Flow f3”" in told


def test_whoever_has_not_written_yet_hears_nothing_in_another_flow():
    first = build(START, OVER, END, edges="n1.continue>n9 n1.no_reply>n8")
    second = build(SENDS, question("n2"), END, edges="n0.next>n2 n2.answered>n9 n2.otherwise>n9")
    (told,) = late(first, knowing(f2=second))
    assert "has not written yet" in told


def test_variables_are_needed_past_the_opening_and_through_several_flows():
    third = build(SENDS, ("n3", "message", {"text": "Hi {{a}} {{b}}"}), END, edges="n0.next>n3 n3.next>n9")
    over = ("n8", "go_to_flow", {"flow": "f3", "values": [{"id": "v", "variable": "b", "value": "x"}]})
    facts = knowing(f2=build(START, over, edges="n1.continue>n8"), f3=third)
    assert {id: one.needs for id, one in facts.flows.items()} == {"f2": ("a",), "f3": ("a", "b")}
    first = build(SENDS, OVER, edges="n0.next>n8")
    assert ["“a”" in one.text for one in check(first, replace(facts, template=None)) if one.code == "not_assigned"] == [True]


def test_flows_in_a_circle_are_told_and_do_not_go_on_for_ever():
    back = build(SENDS, ("n8", "go_to_flow", {"flow": "f1", "values": []}), edges="n0.next>n8")
    first = build(START, OVER, edges="n1.continue>n8")
    assert [one.code for one in check(first, knowing(f2=back, f1=first)) if one.is_error] == ["subflow_circle"]


def test_numbers_say_when_they_end_where_another_flow_begins():
    flow = build(START, OVER, edges="n1.continue>n8")
    assert why(review(flow, None).proved).endswith("What comes after “Go to flow” is not counted.")
    known = knowing(f2=build(SENDS, END, edges="n0.next>n9"))
    assert "is not counted" not in why(review(flow, known).proved)


@st.composite
def two_flows(draw: st.DrawFn) -> tuple[Flow, Flow]:
    """The first goes over to the second in some of its places."""
    first, second = (draw(flows(most=4, is_whole=True).flatmap(silent)) for _ in range(2))
    nodes = {
        id: Node(id, "go_to_flow", {"flow": "f2", "values": []}) if node.kind == "finish" and draw(st.booleans()) else node
        for id, node in first.nodes.items()
    }
    return first.with_(nodes=nodes, edges={place: to for place, to in first.edges.items()}), second


JUDGING = Facts(TemplateFacts("t1", "approved", ("a", "b", "c"), "Go", "Stop"), id="f1", templates=None)


@given(two_flows())
@settings(deadline=None, max_examples=60)
def test_a_flow_is_late_in_another_one_exactly_when_some_way_through_both_is(both):
    first, second = both
    entry = second.target("n0", "continue")
    expected = set()
    for steps, taken, _ in walks(first):
        if first.nodes[steps[-1]].kind != "go_to_flow":
            continue
        before = inf
        for id, port in zip(steps, taken, strict=False):
            before = passed(before, KINDS[first.nodes[id].kind].lasts(first.nodes[id], port), patience_of(first, id))
        for there, through, _ in walks(second, entry):
            silence, is_heard = before, False
            for id, port in zip(there, through, strict=False):
                stay = KINDS[second.nodes[id].kind].lasts(second.nodes[id], port)
                is_heard = is_heard or stay.is_surely_heard or stay.within is not None
                silence = passed(silence, stay, patience_of(second, id))
            last = second.nodes[there[-1]]
            if not is_heard and any(silence + at >= WINDOW for at in KINDS[last.kind].speaks(last)):
                expected.add(steps[-1])
    facts = knowing(JUDGING, f2=second)
    assert {one.node for one in check(first, facts) if one.code == "outside_window" and one.field == "flow"} == expected


def patience_of(flow: Flow, id: str) -> int:
    return flow.settings.expires_after if (id, "no_reply") not in flow.edges else min(flow.settings.expires_after, 23 * 3600)


@given(two_flows())
@settings(deadline=None, max_examples=60)
def test_the_numbers_are_those_of_walking_every_way_through_both_flows(both):
    first, second = both
    entry = second.target("n0", "continue")
    joined = []
    for way in ways(first, "n0"):
        goes_over = first.nodes[way[-1][0]].kind == "go_to_flow" if way else False
        joined += [(way, there) for there in ways(second, entry)] if goes_over else [(way, [])]
    proved = review(first, knowing(JUDGING, f2=second)).proved
    assert proved is not None and not proved.is_partial
    assert proved.paths == len(joined)
    assert proved.steps == max(len(way) + len(there) for way, there in joined)
    assert proved.messages == max(said(first, way, beyond=said(second, there)) for way, there in joined)
    assert proved.seconds == max(seconds(first, way) + seconds(second, there) for way, there in joined)


def test_what_another_flow_sends_is_paid_for_too():
    sent = ("n2", "message", {"text": "", "template": "t2"})
    facts = replace(FACTS, templates={"t2": TemplateFacts("t2", "approved", category="MARKETING")})
    second = build(SENDS, sent, END, edges="n0.next>n2 n2.next>n9")
    first = build(START, OVER, END, edges="n1.continue>n8 n1.finish>n9")
    proved = review(first, knowing(facts, f2=second)).proved
    assert (proved.least, proved.most) == (Decimal("0.0068"), Decimal("0.0489"))
