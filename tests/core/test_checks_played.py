"""The checks against the engine: what they prove of a flow holds however a conversation goes."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from flowbuilder.core.checks import Facts, TemplateFacts, review
from flowbuilder.core.checks.proved import in_words
from flowbuilder.core.flow import Flow, Node
from flowbuilder.core.nodes import KINDS, ports
from tests.core.played import Play
from tests.core.proved_flows import MESSAGES, PROVIDERS, silent
from tests.core.strategies import flows
from tests.core.test_checks import END, START, build

CENTS = {"UTILITY": (Decimal(1), Decimal(2)), "AUTHENTICATION": (Decimal(10), Decimal(30)), "MARKETING": (Decimal(100), Decimal(300))}
FACTS = Facts(
    TemplateFacts("t1", "approved", ("a", "b", "c"), "Go", "Stop", "UTILITY"), templates=MESSAGES, providers=PROVIDERS, prices=CENTS
)
PRICES = {"t1": CENTS["UTILITY"], "t2": CENTS["AUTHENTICATION"], "t3": CENTS["MARKETING"]}
HOUR = 3600


@st.composite
def slow(draw: st.DrawFn, flow: Flow) -> Flow:
    """The flow with hours that come to about a day, a text wherever one is asked for, and codes that are not sent too often."""
    hours = st.sampled_from((1, 2, 11, 13, 22, 23)).map(lambda number: number * HOUR)

    def changed(node: Node) -> dict:
        data = dict(node.data)
        for field in {"seconds", "after"} & data.keys():
            data[field] = draw(hours)
        if KINDS[node.kind].hears or node.kind == "hand_over":
            data |= {"text": "Q"} if "text" in data else {}
        if "resends" in data:
            data |= {"tries": 1, "resends": min(1, data["resends"])}
        if node.kind == "phone_code":
            data["message"] = "t2"
        if node.kind == "outbound_message":
            data["message"] = "t3"
        return data

    start = Node("n0", "you_send_it", {"template": "t1"})
    return flow.with_(nodes={id: Node(id, node.kind, changed(node)) for id, node in flow.nodes.items()} | {"n0": start})


SAYING = ("message", "phone_code", "email_code", "hand_over", "open_question", "http_request", "outbound_message", "validation")


@st.composite
def waiting_flows(draw: st.DrawFn) -> Flow:
    """Two steps with a time before and after each, of which some ways skip the next; what is said comes late."""
    one, other = draw(st.lists(st.sampled_from(SAYING), min_size=2, max_size=2, unique=True))
    kinds = ("wait", one, "wait", other, "wait", "message")
    steps = [Node(f"n{at}", kind, KINDS[kind].blank()) for at, kind in enumerate(kinds, 1)]
    end = Node("end", "finish", {"outcome": "success"})
    edges = {("n0", "continue"): "n1"}
    for at, step in enumerate(steps, 1):
        later = [one.id for one in (*steps[at:], end)][:2]
        edges |= {(step.id, port.id): draw(st.sampled_from(later)) for port in ports(step)}
    nodes = {one.id: replace(one, data={**one.data, "text": "M"}) if one.kind == "message" else one for one in (*steps, end)}
    return Flow("Flow", {"n0": Node("n0", "you_send_it")} | nodes, edges)


@given((flows(most=4, is_whole=True) | waiting_flows()).flatmap(silent).flatmap(slow))
@settings(deadline=None, max_examples=40)
def test_no_conversation_goes_beyond_what_is_proved(flow):
    told, found = Play(flow, PRICES).whole(), review(flow, FACTS)
    late = {finding.node for finding in found.findings if finding.code == "outside_window"}
    assert told.late <= late
    assert (told.messages <= found.proved.messages, told.questions <= found.proved.questions) == (True, True)
    assert told.seconds <= found.proved.seconds
    assert found.proved.least <= told.least <= told.most <= found.proved.most


def test_a_code_that_fails_unheard_counts_as_silence():
    wait, again = (("n2", "wait", {"mode": "for", "seconds": 23 * HOUR}), ("n4", "wait", {"mode": "for", "seconds": 2 * HOUR}))
    code, late = ("n3", "phone_code", KINDS["phone_code"].blank() | {"message": "t2"}), ("n5", "message", {"text": "It could not be sent"})
    edges = "n1.continue>n2 n2.next>n3 n3.verified>n9 n3.failed>n4 n4.next>n5 n5.next>n9"
    found = review(build(START, wait, code, again, late, END, edges=edges), FACTS)
    assert [finding.path[-3:] for finding in found.findings if finding.code == "outside_window"] == [("n3", "n4", "n5")]


def test_codes_that_are_sent_again_are_paid_for_and_take_their_time():
    sent = {"message": "t2", "tries": 1, "resends": 2, "silence": {"after": HOUR}}
    code = ("n2", "phone_code", KINDS["phone_code"].blank() | sent)
    flow = build(START, code, END, edges="n1.continue>n2 n2.verified>n9 n2.failed>n9 n2.no_reply>n9")
    proved = review(flow, FACTS).proved
    assert (proved.least, proved.most) == (1, 2 + 3 * 30)
    assert proved.seconds >= 3 * 24 * HOUR + 3 * HOUR


def test_the_longest_time_says_that_colleagues_take_as_long_as_they_take():
    flow = build(
        START, ("n2", "hand_over", KINDS["hand_over"].blank()), END, edges="n1.continue>n2 n2.given_back>n9 n2.finished>n9 n2.nobody>n9"
    )
    assert dict(in_words(review(flow, FACTS).proved))["Longest time"] == "3 days 12 hours, without the time that colleagues take"
