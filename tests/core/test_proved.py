from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowbuilder.core.checks import Facts, Proved, TemplateFacts, review
from flowbuilder.core.checks.proved import count, duration, in_words, money
from flowbuilder.core.flow import Flow, Node
from flowbuilder.core.nodes import KINDS, ports
from tests.core.strategies import flows
from tests.core.test_checks import END, START, build, question

DAY = 24 * 3600
PRICES = {"UTILITY": (Decimal("0.0068"), Decimal("0.0289")), "MARKETING": (Decimal("0.01"), Decimal("0.02"))}
FACTS = Facts(TemplateFacts("t1", "approved", ("a",), "Go", "Stop", "UTILITY"), prices=PRICES, currency="USD")


def ways(flow: Flow, id: str) -> Iterator[list[tuple[str, str | None]]]:
    """By brute force: every way from a step to an end, as steps and the ports taken."""
    leaving = ports(flow.nodes[id])
    if not leaving:
        yield [(id, None)]
    for port in leaving:
        target = flow.target(id, port.id)
        for rest in ways(flow, target) if target else [[]]:
            yield [(id, port.id), *rest]


def seconds(flow: Flow, way: list[tuple[str, str | None]]) -> int:
    total = 0
    for id, port in way:
        node = flow.nodes[id]
        kind = KINDS[node.kind]
        if port is None:
            continue
        longest = min(flow.settings.expires_after, 23 * 3600) if (id, "no_reply") in flow.edges else flow.settings.expires_after
        stays = [(longest if stay.most is None else stay.most) + stay.lingers for stay in (kind.lasts(node, p.id) for p in ports(node))]
        last, lingers = kind.lasts(node, port).most, kind.lasts(node, port).lingers
        total += (longest if last is None else last) + lingers
        total += (kind.turns(node) - 1) * max(stays) if kind.waits else 0
    return total


def said(flow: Flow, way: list[tuple[str, str | None]], *, beyond: int = 0) -> int:
    """With what is said to who leaves where they are waited for, instead of all that follows."""
    so_far = most = 0
    for id, _ in way:
        kind = KINDS[flow.nodes[id].kind]
        so_far += kind.says(flow.nodes[id])
        most = max(most, so_far + 1) if kind.waits else most
    return max(most, so_far + beyond)


@given(flows(most=6, is_whole=True))
@settings(deadline=None)
def test_the_numbers_are_those_of_walking_every_way(flow):
    every = list(ways(flow, "n0"))
    kinds = {id: KINDS[node.kind] for id, node in flow.nodes.items()}
    proved = review(flow, Facts()).proved
    assert proved is not None
    assert proved.paths == len(every)
    assert proved.steps == max(len(way) for way in every)
    assert proved.messages == max(said(flow, way) for way in every)
    assert proved.questions == max(sum(kinds[id].hears and not kinds[id].is_start for id, _ in way) for way in every)
    assert proved.seconds == max(seconds(flow, way) for way in every)


@given(flows(most=7, is_forward=False))
@settings(deadline=None)
def test_nothing_is_proved_of_a_flow_with_a_circle_or_a_way_that_stops(flow):
    found = review(flow, Facts())
    in_reach = {finding.code for finding in found.findings if finding.node in _reached(flow)}
    assert (found.proved is None) == bool({"cycle", "no_end", "not_connected"} & in_reach or "cycle" in {f.code for f in found.findings})


def _reached(flow: Flow) -> set[str]:
    reached, open_ = set(), ["n0"]
    while open_:
        if (id := open_.pop()) not in reached:
            reached.add(id)
            open_ += [target for (source, _), target in flow.edges.items() if source == id]
    return reached


def _price(node: Node) -> tuple[Decimal, Decimal]:
    """Least and most of what a step sends; a utility message may be free anywhere but at the start."""
    sent = [template for template in KINDS[node.kind].sends(node) if template in ("t1", "t2", "t3")]
    categories = ["MARKETING" if template == "t3" else "UTILITY" for template in sent]
    least = sum((PRICES[one][0] for one in categories if node.id == "n0" or one != "UTILITY"), Decimal())
    return least, sum((PRICES[one][1] for one in categories), Decimal())


@given(flows(most=6, is_whole=True), st.lists(st.sampled_from(("t2", "t3", "")), min_size=7, max_size=7))
@settings(deadline=None, max_examples=60)
def test_the_cost_is_that_of_the_cheapest_and_of_the_dearest_way(flow, sent):
    nodes = {
        id: Node(id, "message", {"text": "", "template": template}) if node.kind == "message" and template else node
        for (id, node), template in zip(flow.nodes.items(), sent, strict=False)
    }
    flow = flow.with_(nodes=nodes | {"n0": Node("n0", "you_send_it", {"template": "t1"})})
    templates = {"t2": TemplateFacts("t2", "approved", category="UTILITY"), "t3": TemplateFacts("t3", "approved", category="MARKETING")}
    least, most = [], []
    for way in ways(flow, "n0"):
        prices = [_price(flow.nodes[id]) for id, _ in way]
        left = [at + 1 for at, (id, _) in enumerate(way) if KINDS[flow.nodes[id].kind].waits]  # by the word for leaving
        least += [sum(low for low, _ in prices[:count]) for count in (*left, len(prices))]
        most.append(sum(high for _, high in prices))
    proved = review(flow, replace(FACTS, templates=templates)).proved
    assert (proved.least, proved.most) == (min(least), max(most))


def test_a_conversation_costs_what_its_initial_message_costs_somewhere():
    proved = review(build(START, END, edges="n1.continue>n9"), FACTS).proved
    assert proved == Proved(3, 2, 4, 0, 3 * DAY, Decimal("0.0068"), Decimal("0.0289"), "USD")
    assert dict(in_words(proved))["Cost of a conversation"] == "0.0068 to 0.0289 USD, by country"


def test_all_tries_count_for_the_longest_time():
    flow = build(START, question("n2"), END, edges="n1.continue>n2 n2.answered>n9 n2.otherwise>n9")
    proved = review(flow, FACTS).proved
    assert proved is not None and proved.seconds == (3 + 2) * DAY


def test_ways_are_counted_without_walking_them():
    flow = build(
        START,
        *[question(f"q{at}", variable="a") for at in range(400)],
        END,
        edges=" ".join(
            ["n1.continue>q0"]
            + [f"q{at}.{port}>{f'q{at + 1}' if at < 399 else 'n9'}" for at in range(400) for port in ("answered", "otherwise")]
        ),
    )
    proved = review(flow, FACTS).proved
    assert proved is not None and proved.paths >= 2**400


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "1"), (12345, "12,345"), (999_999_999, "999,999,999"), (10**9, "1.0 × 10⁹"), (32 * 10**66 + 5, "3.2 × 10⁶⁷")],
)
def test_counts_can_be_read(number, words):
    assert count(number) == words


@pytest.mark.parametrize(
    ("length", "words"),
    [(0, "no time"), (59, "59 seconds"), (3600, "1 hour"), (2 * DAY + 3 * 3600 + 59, "2 days 3 hours"), (1000 * DAY, "1,000 days")],
)
def test_times_are_said_in_their_two_greatest_units(length, words):
    assert duration(length) == words


@pytest.mark.parametrize(("amount", "words"), [("0", "0.00"), ("0.1", "0.10"), ("0.0068", "0.0068"), ("1234.5", "1,234.50")])
def test_prices_of_single_messages_keep_their_decimals(amount, words):
    assert money(Decimal(amount)) == words
