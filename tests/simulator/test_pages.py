"""The pages: phones as customers see them, the reviewer's desk, the ledger; and who may use them."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from flowbuilder.simulator.web.markup import plain, render
from tests.simulator.running import Business, Running, filled, text, until
from tests.simulator.test_media import PNG

PERSON = "+447700900123"
ACCOUNT = PERSON[1:]


def _page(sim: Running, path: str, status: int = 200) -> BeautifulSoup:
    answer = sim.session.get(f"{sim.url}{path}")
    assert answer.status_code == status
    return BeautifulSoup(answer.text, "html.parser")


def test_without_chats_the_page_explains_itself(sim: Running) -> None:
    page = _page(sim, "/")

    assert "No chats yet" in page.text
    assert "This is a simulator." in page.find("aside").text
    assert page.find("label", string="Open a phone")


def test_a_template_lies_in_the_chat_as_whatsapp_shows_it(sim: Running) -> None:
    sim.approved()
    sim.sent(PERSON, **filled("order_ready", "*Ann*", "42"))
    until(lambda: sim.control(f"phones/{ACCOUNT}")["messages"][0]["status"] == "read")
    bubble = _page(sim, f"/phones/{ACCOUNT}").find("li", class_="theirs")

    assert bubble.find(class_="wa-text").decode_contents() == "Dear <strong>Ann</strong>, your order 42 is ready for pickup."
    assert [button.text.strip() for button in bubble.find_all("button")] == ["Continue", "Cancel"]
    assert bubble.find(class_="ticks") is None, "ticks are of what one sent"


def test_a_number_as_people_dial_it_leads_to_the_account_behind_it(sim: Running) -> None:
    sim.approved()
    sim.sent("+525512345678", **filled())
    assert sim.session.get(f"{sim.url}/phones/525512345678").url.endswith("/phones/5215512345678")
    _page(sim, "/phones/525599999999", status=404)


def test_tapping_a_button_on_the_page_tells_the_business(sim: Running, business: Business) -> None:
    sim.approved()
    wamid = sim.sent(PERSON, **filled())
    answer = sim.session.post(f"{sim.url}/phones/{ACCOUNT}/tap", data={"wamid": wamid, "choice": "Continue"})

    assert "Continue (tapped)" in " ".join(BeautifulSoup(answer.text, "html.parser").text.split()) or answer.history[0].status_code == 303
    assert until(lambda: business.messages())[0]["button"]["text"] == "Continue"


def test_a_typed_message_reaches_the_business_and_the_chat(sim: Running, business: Business) -> None:
    sim.session.post(f"{sim.url}/phones", data={"number": "+44 7700 900123"})
    answer = sim.session.post(f"{sim.url}/phones/{ACCOUNT}/say", data={"text": "<b>Hello</b>"})
    bubble = BeautifulSoup(answer.text, "html.parser").find("li", class_="mine")

    assert bubble.find(class_="wa-text").text == "<b>Hello</b>"
    assert until(lambda: business.messages())[0]["text"] == {"body": "<b>Hello</b>"}
    until(lambda: _page(sim, f"/phones/{ACCOUNT}").find("li", class_="mine").find(class_="ticks").text.strip() == "Delivered")


def test_a_number_that_cannot_be_opened_gets_a_sentence_and_is_kept(sim: Running) -> None:
    answer = sim.session.post(f"{sim.url}/phones", data={"number": "12"})
    page = BeautifulSoup(answer.text, "html.parser")

    assert answer.status_code == 422
    assert "whole number with its country code" in page.find(role="alert").text
    assert page.find("input", id="number")["value"] == "12"


def test_a_phone_that_was_never_opened_is_not_there(sim: Running) -> None:
    assert "open it first" in _page(sim, "/phones/447700900999", status=404).find(role="alert").text


def test_a_blocked_phone_cannot_write_and_says_so(sim: Running) -> None:
    sim.write(PERSON)
    sim.session.post(f"{sim.url}/phones/{ACCOUNT}/block", data={"on": "1"})
    answer = sim.session.post(f"{sim.url}/phones/{ACCOUNT}/say", data={"text": "Hello"}, headers={"X-Quiet": "1"})

    assert answer.status_code == 422
    assert "Unblock it" in answer.json()["error"]
    assert _page(sim, f"/phones/{ACCOUNT}").find(id="switch-block")["aria-checked"] == "true"


def test_an_open_chat_is_read(sim: Running, business: Business) -> None:
    sim.control("knobs", auto_read=0.0)
    sim.write(PERSON)
    wamid = sim.sent(PERSON)
    until(lambda: business.statuses(wamid) == ["sent", "delivered"])

    listed = _page(sim, f"/phones/{ACCOUNT}")  # perhaps in a tab behind others
    assert listed.select_one(f"#chat-{ACCOUNT} .unread").text.split() == ["1", "unread"]
    assert business.statuses(wamid) == ["sent", "delivered"]

    _page(sim, f"/phones/{ACCOUNT}?part=messages")

    until(lambda: business.statuses(wamid) == ["sent", "delivered", "read"])
    assert _page(sim, "/").select_one(f"#chat-{ACCOUNT} .unread") is None


def test_chats_that_nobody_opens_are_read_unless_that_is_switched_off(sim: Running, business: Business) -> None:
    sim.write(PERSON)
    read = sim.sent(PERSON)
    until(lambda: business.statuses(read) == ["sent", "delivered", "read"])
    assert _page(sim, "/").select_one(f"#chat-{ACCOUNT} .unread") is None

    sim.session.post(f"{sim.url}/phones/reading", data={"on": "0"})

    assert _page(sim, "/").find(id="switch-reading")["aria-checked"] == "false"
    assert sim.world.knobs["auto_read"] == 0.0


def test_attach_offers_files_that_whatsapp_takes(sim: Running) -> None:
    sim.write(PERSON)
    types = {one["value"]: one["data-types"].split(",") for one in _page(sim, f"/phones/{ACCOUNT}").select("#attach-kind option")}

    assert types["image"] == ["image/jpeg", "image/png"]
    assert types["video"] == ["video/3gpp", "video/mp4"]
    assert {"audio/ogg", "audio/mp4", "audio/x-m4a"} <= set(types["audio"])
    assert types["document"] == [""]


@pytest.mark.parametrize(("path", "region"), [("/phones/447700900123", "messages"), ("/phones/447700900123", "owner"),
                                              ("/phones/447700900123", "seen"), ("/", "chats"),
                                              ("/reviewer", "desk"), ("/ledger", "book")])  # fmt: skip
def test_a_live_region_is_a_piece_of_its_page(sim: Running, path: str, region: str) -> None:
    sim.approved()
    sim.write(PERSON)
    whole, piece = sim.session.get(f"{sim.url}{path}").text, sim.session.get(f"{sim.url}{path}?part={region}").text

    assert piece.strip()
    assert "".join(piece.split()) in "".join(whole.split())


def test_two_thousand_chats_are_listed_page_by_page_and_found_by_number(sim: Running) -> None:
    with sim.world.store.write() as conn:
        conn.executemany(
            "INSERT INTO phone (wa_id, dialled, user_id, name, shown_at, last_text) VALUES (?, ?, '', 'Somebody', ?, 'Hello')",
            [(f"4477{n:08}", f"4477{n:08}", float(n)) for n in range(2500)],
        )
    started = time.monotonic()
    page = _page(sim, "/")
    more = _page(sim, page.find("p", class_="more").a["href"])
    found = _page(sim, "/?search=00002042")

    assert [len(one.find_all("a", id=True)) for one in (page, more, found)] == [40, 80, 1]
    assert page.find("a", id=True)["id"] == "chat-447700002499"
    assert time.monotonic() - started < 5


def test_the_reviewer_approves_and_rejects_on_the_page(sim: Running) -> None:
    sim.control("knobs", review_by_hand=True)
    first = int(sim.submit("first").json()["id"])
    second = int(sim.submit("second").json()["id"])
    assert "Waits for your decision." in _page(sim, "/reviewer").text

    sim.session.post(f"{sim.url}/reviewer/{first}/approve")
    sim.session.post(f"{sim.url}/reviewer/{second}/reject", data={"reason": "SCAM"})

    assert (sim.status(first), sim.status(second)) == ("APPROVED", "REJECTED")
    assert "SCAM" in _page(sim, "/reviewer").find(id=f"template-{second}").text


def test_the_reviewer_sees_the_sample_and_hears_an_appeal(sim: Running) -> None:
    sim.control("knobs", review_by_hand=True)
    header = {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": [sim.sample(PNG, "image/png")]}}
    template_id = int(sim.submit("pictured", components=[header, text("Dear {{1}}, your order is ready.", examples=1)]).json()["id"])

    shown = _page(sim, "/reviewer").find(id=f"template-{template_id}").find("img")
    assert sim.session.get(f"{sim.url}{shown['src']}").content == PNG
    sim.session.post(f"{sim.url}/reviewer/{template_id}/reject", data={"reason": "SCAM"})
    sim.session.post(f"{sim.url}/reviewer/{template_id}/event", data={"event": "IN_APPEAL"})
    sim.session.post(f"{sim.url}/reviewer/{template_id}/approve")
    assert sim.status(template_id) == "APPROVED"


def test_switching_to_automatic_decides_what_waited(sim: Running) -> None:
    sim.control("knobs", review_by_hand=True)
    template_id = int(sim.submit().json()["id"])
    sim.session.post(f"{sim.url}/reviewer/settings", data={"seconds": "0"})

    until(lambda: sim.status(template_id) == "APPROVED")


def test_the_ledger_shows_what_was_accepted(sim: Running) -> None:
    sim.sent(PERSON, text={"body": "Hello"}, biz_opaque_callback_data="row-7")
    page = _page(sim, "/ledger?search=row-7")

    assert page.find("td", string="Hello")
    assert page.find("dt", string="Accepted").find_next("dd").text == "1"


@pytest.mark.parametrize("path", ["/", "/reviewer", "/ledger", "/_sim/ledger", "/nothing", "/static/css/simulator.css"])
def test_every_answer_has_the_strict_headers(sim: Running, path: str) -> None:
    headers = sim.session.get(f"{sim.url}{path}").headers

    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
@pytest.mark.parametrize("path", ["/phones", "/_sim/knobs", "/reviewer/settings"])
def test_pages_of_other_sites_may_change_nothing(sim: Running, path: str, headers: dict[str, str]) -> None:
    assert sim.session.post(f"{sim.url}{path}", json={}, headers=headers).status_code == 403


def test_another_host_name_is_refused(sim: Running) -> None:
    assert sim.session.get(f"{sim.url}/", headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize(("arguments", "said"), [(["--host", "0.0.0.0"], "loopback"), ([], "Set SIMULATOR_APP_SECRET")])
def test_it_does_not_start_open_or_without_secrets(tmp_path: Path, arguments: list[str], said: str) -> None:
    command = [sys.executable, "-m", "flowbuilder.simulator", "--port", "0", "--home", str(tmp_path), *arguments]
    ended = subprocess.run(command, env={"PATH": ""}, capture_output=True, text=True, timeout=20, check=False)

    assert ended.returncode == 2
    assert said in ended.stderr
    assert not list(tmp_path.iterdir())


def test_a_port_that_is_taken_gets_one_sentence(sim: Running, tmp_path: Path) -> None:
    port = sim.url.rsplit(":", 1)[1]
    secrets = {"SIMULATOR_APP_SECRET": "a", "SIMULATOR_ACCESS_TOKEN": "b"}
    command = [sys.executable, "-m", "flowbuilder.simulator", "--port", port, "--home", str(tmp_path)]
    ended = subprocess.run(command, env=secrets, capture_output=True, text=True, timeout=20, check=False)

    assert ended.returncode == 2
    assert ended.stderr.strip() == f"Port {port} is taken; choose another with --port or SIMULATOR_PORT."


MARKS = [
    ("*bold* _italic_ ~gone~", "<strong>bold</strong> <em>italic</em> <s>gone</s>"),
    ("*_both_*", "<strong><em>both</em></strong>"),
    ("2 * 3 * 4 and snake_case_name", "2 * 3 * 4 and snake_case_name"),
    ("```a *b*```", "<code class='wa-mono'>a *b*</code>"),
    ("one\ntwo", "one<br>two"),
    ("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"),
    ("*<script>*", "<strong>&lt;script&gt;</strong>"),
    ("javascript:alert(1)", "javascript:alert(1)"),
]


@pytest.mark.parametrize(("text", "html"), MARKS)
def test_marks_become_tags_and_nothing_else_does(text: str, html: str) -> None:
    assert str(render(text)) == html


def test_a_quote_is_short_and_keeps_its_lines() -> None:
    assert plain("*One*\n\ntwo ~three~\n```a  b```") == "One\ntwo three\na b"


def test_an_address_cannot_leave_its_attribute() -> None:
    link = BeautifulSoup(str(render('see https://x.example/"onmouseover="alert(1) now')), "html.parser").a

    assert link["href"] == "https://x.example/"
    assert set(link.attrs) == {"href", "target", "rel"}


def test_a_phone_that_is_opened_by_a_link_has_its_words_typed_in(sim: Running) -> None:
    page = _page(sim, "/?text=Book%20a%20table")
    assert page.select_one("form.open [name=text]")["value"] == "Book a table"
    opened = sim.session.post(f"{sim.url}/phones", data={"number": PERSON, "text": "Book a table"})
    composer = BeautifulSoup(opened.text, "html.parser").select_one("form.composer [name=text]")
    assert composer["value"] == "Book a table"
