"""What the opening fills in of its message: of the contact, or always the same; what is wrong with it, and what files need then."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowbuilder.core.checks import Facts, TemplateFacts, check
from flowbuilder.core.commands import apply
from flowbuilder.core.filling import Filling
from flowbuilder.core.flow import Flow
from flowbuilder.core.recipients import Wanted, read
from flowbuilder.core.variables import of_contact
from tests.core.test_checks import END, build

FILLING = Filling(
    {"who": "Dear {{contact.first_name}}", "shop": "Blue", "city": "{{contact.city}}"}, {"who": "Dear friend", "city": "town"}
)


def _flow(text: str = "Hi", **data: dict[str, str]) -> Flow:
    start, says = ("n1", "you_send_it", {"template": "t1", **data}), ("n2", "message", {"text": text})
    return build(start, says, END, edges="n1.continue>n2 n1.finish>n2 n2.next>n9")


def test_what_is_given_wins_and_what_the_contact_has_not_is_said_otherwise():
    known = of_contact("Ann \n Lee", "+51987654321")
    assert FILLING.filled({"who": "", "shop": "Red"}, known) == {"who": "Dear Ann", "shop": "Red", "city": "town"}
    assert FILLING.filled({}, {}) == {"who": "Dear friend", "shop": "Blue", "city": "town"}
    assert FILLING.only(("shop", "other")).filled({"a": "1"}, known) == {"a": "1", "shop": "Blue"}


@pytest.mark.parametrize(
    ("data", "codes"),
    [
        ({"filled": {"a": "{{contact.city}}"}, "otherwise": {"a": "town"}}, []),
        ({"filled": {"a": "{{contact.city}}"}}, ["no_fallback"]),
        ({"filled": {"a": "{{colour}}"}, "otherwise": {"a": "red"}}, ["not_of_contact"]),
        ({"filled": {"a": " "}}, ["empty"]),
    ],
)
def test_what_is_filled_in_is_known_beforehand_and_never_empty(data: dict, codes: list[str]):
    assert [one.code for one in check(_flow(**data), Facts(TemplateFacts("t1", "approved", ("a",), "Go", "Stop")))] == codes


def test_what_the_message_no_longer_has_is_left_out_by_one_click():
    facts = Facts(TemplateFacts("t1", "approved", ("a",), "Go", "Stop"))
    flow = _flow(filled={"a": "1", "gone": "2"})
    (finding,) = check(flow, facts)
    assert finding.code == "parameters" and "“gone”" in finding.text
    assert apply(flow, finding.fix.command).flow.nodes["n1"].data["filled"] == {"a": "1"}


def test_a_constant_is_judged_filled_in():
    facts = Facts(TemplateFacts("t1", "approved", ("a",), "Go", "Stop", examples={"a": "short"}))
    codes = [one.code for one in check(_flow("{{a}}" * 5, filled={"a": "x" * 1000}), facts)]
    assert codes == ["too_long_filled"]


def test_a_file_needs_no_column_for_what_is_filled_in_and_a_value_in_it_wins(tmp_path: Path):
    file = tmp_path / "people.csv"
    file.write_text("phone,code,shop\n+4915100000001,1,\n+4915100000002,2,Red\n")
    wanted = Wanted(
        variables=("who", "code", "shop"), texts=(("{{who}} {{code}} {{shop}}", 60),), optional=("who", "shop"), constants={"shop": "Blue"}
    )
    ((_columns, chunk),) = read(file, wanted)
    assert [one.parameters for one in chunk.recipients] == [
        {"who": "", "code": "1", "shop": "Blue"}, {"who": "", "code": "2", "shop": "Red"},
    ]  # fmt: skip
    assert [*chunk.recipients[0].parameters] == ["who", "code", "shop"]


def test_a_constant_counts_in_the_length_of_the_message(tmp_path: Path):
    file = tmp_path / "people.csv"
    file.write_text("phone,code\n+4915100000001,1234567\n")
    wanted = Wanted(variables=("code", "shop"), texts=(("{{code}}{{shop}}", 60),), optional=("shop",), constants={"shop": "x" * 55})
    ((_columns, chunk),) = read(file, wanted)
    assert [fault.code for fault in chunk.faults] == ["message_too_long"]
