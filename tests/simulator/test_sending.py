"""Sends: what is refused and with which code, what is accepted, and how accepted messages fail."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.simulator.running import NUMBER, Business, Running, filled, template, text, until

PERSON = "+16505551234"


def _interactive(kind: str, **members: Any) -> dict[str, Any]:
    return {"type": "interactive", "interactive": {"type": kind, "body": {"text": "Choose"}} | members}


def _reply_buttons(*titles: str) -> dict[str, Any]:
    buttons = [{"type": "reply", "reply": {"id": f"id-{n}", "title": title}} for n, title in enumerate(titles)]
    return _interactive("button", action={"buttons": buttons})


def _list(*sections: dict[str, Any], button: str = "Open") -> dict[str, Any]:
    return _interactive("list", action={"button": button, "sections": list(sections)})


def _rows(count: int, first: int = 0) -> list[dict[str, Any]]:
    return [{"id": f"r{first + n}", "title": f"Row {first + n}"} for n in range(count)]


REFUSED = [
    ("no product", {"messaging_product": None}, 100),
    ("a number that is none", {"to": "call me"}, 131009),
    ("a number too short", {"to": "+12"}, 131009),
    ("the business itself", {"to": "+15550100001"}, 131021),
    ("no recipient", {"to": None}, 131008),
    ("callback data too long", {"biz_opaque_callback_data": "x" * 513}, 131009),
    ("an unknown type", {"type": "poll", "poll": {}}, 131051),
    ("an empty text", {"text": {"body": ""}}, 131008),
    ("a text too long", {"text": {"body": "x" * 4097}}, 131009),
    ("no object", {"text": None}, 131008),
    ("four buttons", _reply_buttons("A", "B", "C", "D"), 131009),
    ("the same title twice", _reply_buttons("A", "A"), 131009),
    ("a title too long", _reply_buttons("T" * 21), 131009),
    ("a button body too long", _interactive("button", body={"text": "x" * 1025}, action={"buttons": []}), 131009),
    ("eleven rows", _list({"title": "One", "rows": _rows(6)}, {"title": "Two", "rows": _rows(5, 6)}), 131009),
    ("the same row id twice", _list({"rows": [*_rows(1), *_rows(1)]}), 131009),
    ("two sections without titles", _list({"rows": _rows(1)}, {"rows": _rows(1, 1)}), 131008),
    ("a row title too long", _list({"rows": [{"id": "1", "title": "T" * 25}]}), 131009),
    ("a list button too long", _list({"rows": _rows(1)}, button="B" * 21), 131009),
    ("an image header on a list", _list({"rows": _rows(1)})["interactive"] | {"header": {"type": "image"}}, 131009),
    (
        "a link without a scheme",
        _interactive("cta_url", action={"name": "cta_url", "parameters": {"display_text": "Go", "url": "x"}}),
        131009,
    ),
    ("an image without id or link", {"type": "image", "image": {}}, 131008),
    ("an unknown media id", {"type": "image", "image": {"id": "1"}}, 100),
    ("a latitude out of the world", {"type": "location", "location": {"latitude": 91, "longitude": 0}}, 131009),
]


@pytest.mark.parametrize(("members", "code"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_a_send_is_refused_for(sim: Running, members: dict[str, Any], code: int) -> None:
    if "header" in members:
        members = {"type": "interactive", "interactive": members}
    document = {"messaging_product": "whatsapp", "to": PERSON, "type": "text", "text": {"body": "Hello"}} | members

    answer = sim.graph("POST", f"{NUMBER}/messages", json={name: value for name, value in document.items() if value is not None})

    assert sim.refusal(answer)[0] == code
    assert sim.control("ledger")["accepted"] == 0
    assert sim.control("ledger")["refused"] == {str(code): 1}


def _with(name: str = "order_ready", language: str = "en_US", **parts: Any) -> dict[str, Any]:
    components = [{"type": kind, "parameters": values} for kind, values in parts.items()]
    return {"type": "template", "template": {"name": name, "language": {"code": language}, "components": components}}


def _texts(*values: Any, **more: Any) -> list[dict[str, Any]]:
    return [{"type": "text", "text": value} | more for value in values]


def _button(index: Any, kind: str, **parameter: Any) -> dict[str, Any]:
    sent = filled()
    sent["template"]["components"].append({"type": "button", "sub_type": kind, "index": index, "parameters": [parameter]})
    return sent


MISFILLED = [
    ("an unknown name", _with("nobody", body=_texts("a", "b")), 132001),
    ("another language", _with(language="en_GB", body=_texts("a", "b")), 132001),
    ("too few parameters", _with(body=_texts("a")), 132000),
    ("a header that it has not", _with(header=_texts("a"), body=_texts("a", "b")), 132000),
    ("names in a positional template", _with(body=_texts("a", "b", parameter_name="x")), 132012),
    ("an image in the body", _with(body=[*_texts("a"), {"type": "image", "image": {"link": "https://x.example/a.png"}}]), 132012),
    ("a line break in a value", _with(body=_texts("a\nb", "c")), 132018),
    ("five spaces in a value", _with(body=_texts("a     b", "c")), 132018),
    ("an empty value", _with(body=_texts("", "c")), 131008),
    ("a text that grows too long", _with(body=_texts("a" * 600, "b" * 600)), 132005),
    ("a button that it has not", _button(5, "quick_reply", type="payload", payload="x"), 132000),
    ("a link where a quick reply is", _button(0, "url", type="text", text="x"), 132012),
]


@pytest.mark.parametrize(("members", "code"), [row[1:] for row in MISFILLED], ids=[row[0] for row in MISFILLED])
def test_a_template_send_is_refused_for(sim: Running, members: dict[str, Any], code: int) -> None:
    sim.approved()

    assert sim.refusal(sim.send(PERSON, **members))[0] == code


def test_a_template_in_review_cannot_be_sent(sim: Running) -> None:
    sim.submit("slow_sim_pending")

    answer = sim.send(PERSON, **filled("slow_sim_pending"))
    assert sim.refusal(answer)[0] == 132001
    assert answer.status_code == 404


@pytest.mark.parametrize(("event", "code"), [("PAUSED", 132015), ("DISABLED", 132016)])
def test_a_template_that_was_stopped_cannot_be_sent(sim: Running, event: str, code: int) -> None:
    template_id = sim.approved()
    sim.control(f"templates/{template_id}/event", event=event)

    assert sim.refusal(sim.send(PERSON, **filled()))[0] == code


def test_a_template_send_is_accepted_and_filled_in(sim: Running) -> None:
    sim.approved()
    answer = sim.send("+1 (650) 555-1234", **filled(biz_opaque_callback_data="row-1")).json()

    assert answer["contacts"] == [{"input": "+1 (650) 555-1234", "wa_id": "16505551234"}]
    assert answer["messages"][0]["message_status"] == "accepted"
    shown = sim.control("phones/16505551234")["messages"][0]
    assert shown["content"]["body"] == "Dear Ann, your order 42 is ready for pickup."
    assert sim.control("ledger/callbacks") == {"row-1": 1}


def test_named_parameters_want_their_names_and_who_is_called_by_one_has_that_name(sim: Running) -> None:
    example = {"body_text_named_params": [{"param_name": "first_name", "example": "Ann"}]}
    body = {"type": "BODY", "text": "Dear {{first_name}}, your order is ready for pickup.", "example": example}
    sim.approved("named", parameter_format="named", components=[body])

    assert sim.refusal(sim.send(PERSON, **_with("named", body=_texts("Ann"))))[0] == 132012
    for called, name in (("Ann", r"Ann \w+"), ("Ben Stone", "Ben Stone")):
        assert sim.sent(PERSON, **_with("named", body=_texts(called, parameter_name="first_name")))
        assert re.fullmatch(name, sim.control(f"phones/{PERSON.removeprefix('+')}")["name"])


def test_an_address_with_a_variable_wants_its_end_at_every_send(sim: Running) -> None:
    link = {"type": "URL", "text": "Track", "url": "https://shop.example/{{1}}", "example": ["42"]}
    sim.approved(components=[text("Your order is ready."), {"type": "BUTTONS", "buttons": [link]}])
    bare = _with()
    filled_in = _with()
    filled_in["template"]["components"] = [{"type": "BUTTON", "sub_type": "URL", "index": "0", "parameters": _texts("abc")}]

    assert sim.refusal(sim.send(PERSON, **bare))[0] == 131008
    assert sim.sent(PERSON, **filled_in)
    assert sim.control("phones/16505551234")["messages"][0]["content"]["buttons"][0]["url"] == "https://shop.example/abc"


ACCOUNTS = [("+541155550001", "5491155550001"), ("+525512345678", "5215512345678"), ("+5531987654321", "553187654321"),
            ("+5511987654321", "5511987654321"), ("+447700900123", "447700900123"), ("6505551234", "16505551234")]  # fmt: skip


@pytest.mark.parametrize(("dialled", "account"), ACCOUNTS)
def test_the_account_may_differ_from_what_was_dialled(sim: Running, dialled: str, account: str) -> None:
    assert sim.send(dialled).json()["contacts"] == [{"input": dialled, "wa_id": account}]


def test_a_free_message_outside_the_window_is_accepted_and_then_fails(sim: Running, business: Business) -> None:
    wamid = sim.sent(PERSON)

    until(lambda: business.statuses(wamid) == ["failed"])
    assert business.changes()[0]["statuses"][0]["errors"][0]["code"] == 131047


def test_a_free_message_outside_the_window_is_refused_when_so_chosen(sim: Running) -> None:
    sim.control("knobs", outside_window="refused")

    assert sim.refusal(sim.send(PERSON))[0] == 131047


def test_the_window_closes_a_day_after_the_person_wrote(sim: Running, business: Business) -> None:
    sim.write(PERSON)
    inside = sim.sent(PERSON)
    until(lambda: business.statuses(inside) == ["sent", "delivered", "read"])
    sim.control("clock", advance=86_401)

    outside = sim.sent(PERSON)
    until(lambda: business.statuses(outside) == ["failed"])


def test_who_stopped_marketing_gets_utility_only(sim: Running, business: Business) -> None:
    sim.approved("news", category="MARKETING", components=[text("Our shop has a second floor now.")])
    sim.approved()
    sim.control(f"phones/{PERSON[1:]}/set", stopped=True)
    news, order = sim.sent(PERSON, **_with("news")), sim.sent(PERSON, **filled())

    until(lambda: business.statuses(news)[-1:] == ["failed"] and "delivered" in business.statuses(order))
    failed = [one for value in business.changes() for one in value.get("statuses", ()) if one["status"] == "failed"]
    assert failed[0]["errors"][0]["code"] == 131050
    assert business.changes("user_preferences")[0]["user_preferences"][0]["value"] == "stop"


def test_an_offline_phone_gets_it_when_it_is_back(sim: Running, business: Business) -> None:
    sim.write(PERSON)
    sim.control(f"phones/{PERSON[1:]}/set", online=False)
    wamid = sim.sent(PERSON)
    until(lambda: business.statuses(wamid) == ["sent"])

    sim.control(f"phones/{PERSON[1:]}/set", online=True)

    until(lambda: business.statuses(wamid) == ["sent", "delivered", "read"])


def test_more_than_a_second_of_throughput_is_throttled(sim: Running) -> None:
    sim.control("knobs", throughput=10)

    codes = [sim.send(f"+4477009001{n:02}").status_code for n in range(25)]
    assert 10 <= codes.count(200) <= 14
    assert sim.refusal(sim.send("+447700900199"))[0] == 130429


def test_one_person_gets_forty_five_at_once_and_then_one_in_six_seconds(sim: Running) -> None:
    sim.control("knobs", throughput=1000)
    sim.write(PERSON)
    codes = [sim.send(PERSON).status_code for _ in range(46)]
    assert codes == [200] * 45 + [400]

    sim.control("clock", advance=6.5)
    assert [sim.send(PERSON).status_code for _ in range(2)] == [200, 400]
    assert sim.send("+447700900123").status_code == 200


def test_the_messaging_limit_counts_people_outside_the_window(sim: Running) -> None:
    sim.approved()
    sim.control("knobs", throughput=1000, tier="TIER_250")
    for number in range(250):
        sim.sent(f"+4477009{number:05}", **filled())

    answer = sim.send("+447700999999", **filled())
    assert sim.refusal(answer)[0] == 131048
    assert "TIER_250" in answer.json()["error"]["error_data"]["details"]
    assert sim.graph("GET", NUMBER, params={"fields": "whatsapp_business_manager_messaging_limit"}).json() == {
        "whatsapp_business_manager_messaging_limit": "TIER_250",
        "id": NUMBER,
    }
    assert sim.send("+447700900000", **filled()).status_code == 200


def test_a_business_scoped_id_reaches_the_same_person(sim: Running) -> None:
    sim.write(PERSON)
    user_id = sim.control(f"phones/{PERSON[1:]}")["user_id"]
    document = {"messaging_product": "whatsapp", "recipient": user_id, "text": {"body": "Hello"}}

    answer = sim.graph("POST", f"{NUMBER}/messages", json=document).json()
    assert answer["contacts"] == [{"input": user_id, "user_id": user_id}]
    assert sim.control(f"phones/{PERSON[1:]}")["messages"][-1]["content"]["body"] == "Hello"


def test_every_version_prefix_and_none_are_taken(sim: Running) -> None:
    for path in ("v16.0/", "v25.0/", "v126.0/", ""):
        answer = sim.session.get(f"{sim.url}/{path}{NUMBER}?fields=id")
        assert answer.json() == {"id": NUMBER}


@pytest.mark.parametrize("header", [None, "Bearer wrong", "Basic access-token", "access-token", "Bearer "])
def test_without_the_token_nothing_is_told(sim: Running, header: str | None) -> None:
    sim.session.headers["Authorization"] = header
    answer = sim.graph("GET", NUMBER)

    assert answer.status_code == 401
    assert sim.refusal(answer) == (190, None)
    assert answer.json()["error"]["fbtrace_id"]


def test_a_body_that_is_no_json_is_refused(sim: Running) -> None:
    answer = sim.graph("POST", f"{NUMBER}/messages", data=b"{not json", headers={"Content-Type": "application/json"})

    assert sim.refusal(answer)[0] == 100


def test_a_template_with_an_image_wants_the_image_at_every_send(sim: Running) -> None:
    header = {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": [sim.sample(b"\x89PNG\r\n\x1a\n", "image/png")]}}
    sim.approved(components=[header, *template()["components"]])
    link = {"type": "image", "image": {"link": "https://shop.example/a.png"}}

    bare = sim.send(PERSON, **filled())
    assert sim.refusal(bare)[0] == 132012
    assert "expected IMAGE" in bare.json()["error"]["error_data"]["details"]
    assert sim.sent(PERSON, **_with(header=[link], body=_texts("Ann", "42")))
