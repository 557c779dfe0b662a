"""Templates: what is refused at once, what the review decides, and the endpoints around them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.running import WABA, Business, Running, template, text, until

FINE = text("Your order is ready for pickup.")


def _buttons(*buttons: dict[str, Any]) -> list[dict[str, Any]]:
    return [FINE, {"type": "BUTTONS", "buttons": list(buttons)}]


def _quick(label: str) -> dict[str, Any]:
    return {"type": "QUICK_REPLY", "text": label}


def _url(url: str = "https://shop.example/", **more: Any) -> dict[str, Any]:
    return {"type": "URL", "text": "Shop", "url": url} | more


CALL = {"type": "PHONE_NUMBER", "text": "Call", "phone_number": "+15550051310"}
REFUSED = [
    ("a name with capitals", {"name": "Order"}, None),
    ("an unknown language", {"language": "xx_XX"}, None),
    ("an unknown category", {"category": "NEWS"}, None),
    ("no body", {"components": [text("Hello", kind="HEADER")]}, 2388043),
    ("a leading variable", {"components": [text("{{1}}, your order is ready for pickup.", examples=1)]}, 2388299),
    ("a leading variable behind punctuation", {"components": [text(" *{{1}}* your order is ready for pickup.", examples=1)]}, 2388299),
    ("a trailing variable", {"components": [text("Your order is ready for pickup, {{1}}!", examples=1)]}, 2388299),
    ("too many variables for its words", {"components": [text("Hi {{1}} and {{2}} there {{3}} ok.", examples=3)]}, 2388293),
    ("no example", {"components": [text("Dear {{1}}, your order is ready for pickup.")]}, 2388043),
    ("too few examples", {"components": [text("Dear {{1}}, your order {{2}} is ready for pickup.", examples=1)]}, 2388043),
    ("a gap in the numbers", {"components": [text("Dear {{1}}, your order {{3}} is ready for pickup.", examples=2)]}, 2388072),
    ("a named variable in a positional template", {"components": [text("Dear {{ann}}, your order is ready here.", examples=1)]}, 2388072),
    ("braces that do not match", {"components": [text("Dear {{1}, your order is ready for pickup.")]}, 2388072),
    ("a body too long", {"components": [text("word " * 210)]}, 2388040),
    ("a header too long", {"components": [text("h" * 61, kind="HEADER"), FINE]}, 2388040),
    ("a header with a line break", {"components": [text("a\nb", kind="HEADER"), FINE]}, 2388047),
    ("a header with two variables", {"components": [text("{{1}} and {{2}}", kind="HEADER", examples=2), FINE]}, 2388047),
    ("an emoji in the header", {"components": [text("Ready 🎉", kind="HEADER"), FINE]}, 2388047),
    ("an image header without a sample", {"components": [{"type": "HEADER", "format": "IMAGE"}, FINE]}, 2388043),
    ("a variable in the footer", {"components": [FINE, text("Dear {{1}} all", kind="FOOTER")]}, 2388073),
    ("a link in the footer", {"components": [FINE, text("See www.shop.example", kind="FOOTER")]}, 2388073),
    ("seven emoji in a utility body", {"components": [text("Ready 🎉🎉🎉🎉🎉🇩🇪👍🏽 now")]}, 2388072),
    ("an emoji on a button", {"components": _buttons(_quick("Yes 👍"))}, 2388060),
    ("a footer too long", {"components": [FINE, text("f" * 61, kind="FOOTER")]}, 2388040),
    ("a label too long", {"components": _buttons(_quick("q" * 26))}, 2388040),
    ("a label twice", {"components": _buttons(_quick("Yes"), _quick("Yes"))}, 2388060),
    ("eleven buttons", {"components": _buttons(*(_quick(f"Reply {n}") for n in range(11)))}, 2388060),
    ("three links", {"components": _buttons(*(_url(text=f"Link {n}") for n in range(3)))}, 2388060),
    ("quick replies apart from each other", {"components": _buttons(_quick("Yes"), _url(), _quick("No"))}, 2388060),
    ("a variable inside an address", {"components": _buttons(_url("https://shop.example/{{1}}/x", example=["1"]))}, 2388060),
    ("an address variable without example", {"components": _buttons(_url("https://shop.example/{{1}}"))}, 2388043),
    ("an address without a scheme", {"components": _buttons(_url("shop.example"))}, 2388060),
    ("an offer code too long", {"components": _buttons({"type": "COPY_CODE", "example": "C" * 21})}, 2388040),
]


@pytest.mark.parametrize(("changes", "subcode"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_a_template_is_refused_at_once_for(sim: Running, changes: dict[str, Any], subcode: int | None) -> None:
    answer = sim.graph("POST", f"{WABA}/message_templates", json=template() | changes)

    assert answer.status_code == 400
    assert sim.refusal(answer) == (100, subcode)
    assert subcode is None or answer.json()["error"]["error_user_msg"]


TAKEN = [
    ("quick replies before others", _buttons(_quick("Yes"), _quick("No"), _url(), CALL)),
    ("quick replies after others", _buttons(_url(), _quick("Yes"))),
    ("an example that is the whole address", _buttons(_url("https://shop.example/{{1}}", example=["https://shop.example/42"]))),
    ("an example that is the suffix", _buttons(_url("https://shop.example/{{1}}", example="42"))),
    ("types in lower case", [{"type": "body", "text": "Your order is ready."}]),
    ("a header that is one variable", [text("{{1}}", kind="HEADER", examples=1), FINE]),
    ("six emoji in a utility body", [text("Ready 🎉🎉🎉🎉🇩🇪👍🏽 now")]),
    ("a body in two paragraphs", [text("Dear all,\n\n*your* order is ready.")]),
]  # fmt: skip


@pytest.mark.parametrize("components", [row[1] for row in TAKEN], ids=[row[0] for row in TAKEN])
def test_a_template_is_taken_in_with(sim: Running, components: list[dict[str, Any]]) -> None:
    answer = sim.submit(components=components)

    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "PENDING"


VERDICTS = [
    ("plain words", "UTILITY", "Dear {{1}}, your order {{2}} is ready for pickup.", ("APPROVED", "UTILITY", "NONE")),
    (
        "promotional words",
        "UTILITY",
        "Dear {{1}}, with code {{2}} you get a discount on your next order.",
        ("APPROVED", "MARKETING", "NONE"),
    ),
    (
        "adjacent variables",
        "MARKETING",
        "Dear {{1}} {{2}}, we are happy to see you again in our shop.",
        ("REJECTED", "MARKETING", "INVALID_FORMAT"),
    ),
    (
        "a request for card data",
        "UTILITY",
        "Dear {{1}}, send us your card number for order {{2}} now please.",
        ("REJECTED", "UTILITY", "SCAM"),
    ),
    ("threats", "MARKETING", "Dear {{1}}, pay the sum {{2}} or else we come to see you.", ("REJECTED", "MARKETING", "ABUSIVE_CONTENT")),
]


@pytest.mark.parametrize(("category", "body", "verdict"), [row[1:] for row in VERDICTS], ids=[row[0] for row in VERDICTS])
def test_the_review_of(sim: Running, business: Business, category: str, body: str, verdict: tuple[str, str, str]) -> None:
    answer = sim.submit(category=category, components=[text(body, examples=2)])
    told = until(lambda: business.changes("message_template_status_update"))[0]
    shown = sim.graph("GET", answer.json()["id"], params={"fields": "status,category,rejected_reason"}).json()

    assert (shown["status"], shown["category"], shown["rejected_reason"]) == verdict
    assert (told["event"], told["message_template_category"], told["reason"]) == verdict
    assert told["message_template_id"] == int(answer.json()["id"])
    assert ("rejection_info" in told) == (verdict[2] == "INVALID_FORMAT")
    assert bool(business.changes("template_category_update")) == (verdict[1] != category)


def test_words_in_the_wrong_script_do_not_fit_the_language(sim: Running, business: Business) -> None:
    sim.submit(language="ar", components=[FINE])

    assert until(lambda: business.changes("message_template_status_update"))[0]["reason"] == "TAG_CONTENT_MISMATCH"


def test_a_second_template_with_the_same_words_is_rejected_with_a_recommendation(sim: Running, business: Business) -> None:
    sim.approved("first")
    sim.submit("second")

    told = until(lambda: [one for one in business.changes("message_template_status_update") if one["event"] == "REJECTED"])[0]
    assert told["message_template_name"] == "second"
    assert "same body" in told["rejection_info"]["reason"]
    assert told["rejection_info"]["recommendation"]


def test_a_copy_of_a_rejected_template_may_be_approved(sim: Running) -> None:
    sim.submit("first_sim_rejected")
    until(lambda: sim.control("templates")[0]["status"] == "REJECTED")

    assert sim.approved("second")


def test_a_name_can_script_the_outcome(sim: Running) -> None:
    sim.submit("promo_sim_rejected_promotional")
    sim.submit("slow_sim_pending", components=[text("A quite different text for everybody.")])

    shown = until(lambda: {one["name"]: one for one in sim.control("templates") if one["rejected_reason"] == "PROMOTIONAL"})
    assert shown["promo_sim_rejected_promotional"]["status"] == "REJECTED"
    assert sim.control("templates")[0]["status"] == "PENDING"


def test_by_hand_nothing_is_decided_until_a_person_does(sim: Running, business: Business) -> None:
    sim.control("knobs", review_by_hand=True, review_seconds=0)
    template_id = int(sim.submit().json()["id"])
    assert sim.control("webhooks/drain", seconds=0.2)["drained"]
    assert sim.status(template_id) == "PENDING"

    sim.control(f"templates/{template_id}/reject", reason="INVALID_FORMAT", why="Too short.", recommendation="Say more.")

    told = until(lambda: business.changes("message_template_status_update"))[0]
    assert told["rejection_info"] == {"reason": "Too short.", "recommendation": "Say more."}


def test_the_same_name_and_language_exist_once(sim: Running) -> None:
    sim.submit()

    assert sim.refusal(sim.submit()) == (100, 2388024)
    assert sim.submit(language="en_GB").status_code == 200


def test_the_name_of_a_deleted_approved_template_is_blocked_for_thirty_days(sim: Running) -> None:
    sim.approved()
    assert sim.graph("DELETE", f"{WABA}/message_templates", params={"name": "order_ready"}).json() == {"success": True}
    assert sim.refusal(sim.submit()) == (100, 2388023)

    sim.control("clock", advance=30 * 86_400 + 60)

    assert sim.submit().status_code == 200


def test_one_language_can_be_deleted_by_its_id(sim: Running) -> None:
    first, second = sim.submit().json()["id"], sim.submit(language="en_GB").json()["id"]

    sim.graph("DELETE", f"{WABA}/message_templates", params={"name": "order_ready", "hsm_id": first})

    assert [one["id"] for one in sim.graph("GET", f"{WABA}/message_templates").json()["data"]] == [second]


def test_an_approved_template_is_edited_once_a_day_and_reviewed_again(sim: Running) -> None:
    template_id = sim.approved()
    changed = {"components": [text("Your order lies here and waits.")]}
    assert sim.graph("POST", f"{template_id}", json=changed).json()["success"] is True
    until(lambda: sim.status(template_id) == "APPROVED")

    assert sim.refusal(sim.graph("POST", f"{template_id}", json=changed)) == (100, 2388039)
    assert sim.graph("GET", f"{template_id}").json()["components"][0]["text"] == "Your order lies here and waits."


def test_the_list_is_paged_both_ways_and_summed_up(sim: Running) -> None:
    for number in range(7):
        sim.submit(f"message_{number}", components=[text(f"Text number {number} for you.")])

    first = sim.graph("GET", f"{WABA}/message_templates", params={"limit": 3, "summary": "total_count,message_template_limit"}).json()
    second = sim.session.get(first["paging"]["next"]).json()
    third = sim.session.get(second["paging"]["next"]).json()
    back = sim.session.get(second["paging"]["previous"]).json()

    names = [[one["name"][-1] for one in page["data"]] for page in (first, second, third)]
    assert names == [["6", "5", "4"], ["3", "2", "1"], ["0"]]
    assert "next" not in third["paging"]
    assert [one["id"] for one in back["data"]] == [one["id"] for one in first["data"]]
    assert first["summary"] == {"total_count": 7, "message_template_limit": 6000}


def test_a_cursor_that_was_never_given_out_is_refused(sim: Running) -> None:
    answer = sim.graph("GET", f"{WABA}/message_templates", params={"after": "nonsense"})

    assert sim.refusal(answer) == (131059, None)


def test_the_list_is_filtered(sim: Running) -> None:
    sim.approved("first")
    sim.submit("second_sim_pending", components=[text("A quite different text for everybody.")])

    shown = sim.graph("GET", f"{WABA}/message_templates", params={"status": "APPROVED", "fields": "name"}).json()["data"]
    assert [one["name"] for one in shown] == ["first"]
    assert set(shown[0]) == {"name", "id"}


def test_red_quality_pauses_and_the_third_time_disables(sim: Running, business: Business) -> None:
    template_id = sim.approved()
    for _ in range(3):
        sim.control(f"templates/{template_id}/event", quality="RED")
        sim.control("clock", advance=400)
        sim.graph("POST", f"{template_id}/unpause")

    assert sim.status(template_id) == "DISABLED"
    told = until(lambda: [one for one in business.changes("message_template_status_update") if one["event"] in ("PAUSED", "DISABLED")][2:])
    assert told[0]["event"] == "DISABLED"
    assert len(business.changes("message_template_quality_update")) == 3
