from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from flowbuilder.core.flow import Node
from flowbuilder.core.nodes.split import KIND, chosen

SHARES = [{"id": "a", "label": "", "share": 70}, {"id": "b", "label": "", "share": 20}, {"id": "c", "label": "", "share": 10}]


def test_people_fall_by_the_shares():
    fallen = Counter(chosen(SHARES, f"person{number}:n2") for number in range(20_000))
    assert 13_700 < fallen["a"] < 14_300
    assert 3_700 < fallen["b"] < 4_300
    assert 1_800 < fallen["c"] < 2_200


def test_the_same_person_falls_the_same_way_for_ever():
    assert [chosen(SHARES, f"person{number}:n2") for number in range(24)] == list("caaaaaaaaaaaabbaaabaaaaa")


def test_two_splits_are_independent():
    both = Counter((chosen(SHARES, f"p{number}:n2"), chosen(SHARES, f"p{number}:n3")) for number in range(10_000))
    assert 4_600 < both["a", "a"] < 5_200


@given(st.lists(st.integers(0, 100), min_size=1, max_size=6), st.text())
def test_nobody_falls_into_a_share_of_nothing(percents, lot):
    shares = [{"id": str(at), "share": percent} for at, percent in enumerate(percents)]
    fallen = int(chosen(shares, lot))
    assert percents[fallen] or not any(percents)


def test_renaming_a_share_moves_nothing():
    renamed = [one | {"label": f"New {one['id']}"} for one in SHARES]
    assert all(chosen(SHARES, str(number)) == chosen(renamed, str(number)) for number in range(50))


def test_shares_that_do_not_come_to_100_are_found():
    node = Node("n2", "split", {"shares": [{"id": "a", "label": "", "share": 50}, {"id": "b", "label": "A", "share": 40}]})
    assert [finding.code for finding in KIND.limits(node)] == ["shares", "repeated"]
