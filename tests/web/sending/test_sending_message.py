"""One message followed live."""

from __future__ import annotations

import re

from bs4 import BeautifulSoup

from flowbuilder import clock
from flowbuilder.store import db
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.store.sending import Message
from tests.web.sending.pages import HTMX, words
from tests.web.sending.pages import page as page_of


def _sent(workspace, line, message: TemplateMessage, **values) -> Message:
    row = Message(
        workspace_id=workspace.id, line_id=line.id, template_id=message.id, direction="out", kind="template", phone="+4915123456789",
        content={"parameters": {"first_name": "Ann", "order_number": "A-1"}}, created_at=clock.now(), **values,
    )  # fmt: skip
    db.session.add(row)
    db.session.commit()
    return row


def _steps(page: BeautifulSoup) -> dict[str, str]:
    return {step["data-step"]: re.search(r"is-(\w+)", " ".join(step["class"]))[1] for step in page.select(".stage")}


def test_a_number_is_spelled_for_people_and_stays_on_one_line(sign_in, workspace, line, template):
    row = _sent(workspace, line, template(), status="queued")
    page = page_of(sign_in("viewer").get(f"/messages/{row.id}"))
    assert page.title.text.startswith("Message to +49 1512 3456789")
    assert words(page.select_one("h1 .phone-number")) == "+49 1512 3456789"


def test_a_message_is_followed_step_by_step_until_nothing_more_can_come(sign_in, workspace, line, template):
    row, client = _sent(workspace, line, template(), status="queued"), sign_in("viewer")
    page = page_of(client.get(f"/messages/{row.id}"))
    assert _steps(page) == {"accepted": "now", "sent": "todo", "delivered": "todo", "read": "todo"}
    assert page.select_one("#progress")["hx-trigger"] == "every 1s"
    row.status, row.accepted_at, row.delivered_at = "delivered", clock.now(), clock.now()
    db.session.commit()
    part = page_of(client.get(f"/messages/{row.id}", headers=HTMX))
    assert _steps(part) == {"accepted": "done", "sent": "done", "delivered": "done", "read": "now"}
    row.status, row.read_at = "read", clock.now()
    db.session.commit()
    part = page_of(client.get(f"/messages/{row.id}", headers=HTMX))
    assert set(_steps(part).values()) == {"done"}
    assert part.select_one("#progress").get("hx-trigger") is None


def test_a_failed_message_tells_metas_code_and_what_to_do(sign_in, workspace, line, template):
    row = _sent(workspace, line, template(), status="failed", error_code=131026, accepted_at=clock.now(), failed_at=clock.now())
    page = page_of(sign_in("viewer").get(f"/messages/{row.id}"))
    assert _steps(page) == {"accepted": "done", "failed": "failed"}
    assert "Check that the number uses WhatsApp" in words(page)
    assert "131026" in words(page)


def test_an_unconfirmed_message_is_sent_again_only_by_a_person(sign_in, workspace, line, template):
    row = _sent(workspace, line, template(), status="unconfirmed")
    page = page_of(sign_in("tester").get(f"/messages/{row.id}"))
    form = page.select_one("form[action$=resend]")
    assert form["hx-confirm"].startswith("Send it again?")
    assert page_of(sign_in("viewer").get(f"/messages/{row.id}")).select_one("form[action$=resend]") is None
    sign_in("tester").post(form["action"])
    again = db.session.get(Message, row.id, populate_existing=True)
    assert (again.status, again.is_possible_duplicate) == ("queued", True)


def test_the_fragment_of_a_message_is_part_of_its_page(sign_in, workspace, line, template):
    row, client = _sent(workspace, line, template(), status="queued"), sign_in("viewer")
    fragment = client.get(f"/messages/{row.id}", headers=HTMX).text.strip()
    assert fragment in client.get(f"/messages/{row.id}").text


def test_a_simulated_message_leads_to_its_virtual_phone(sign_in, workspace, line, template):
    row = _sent(workspace, line, template(), status="queued")
    client = sign_in("tester")
    places = [words(one) for one in page_of(client.get(f"/messages/{row.id}")).select(".message-note + .btn-row > *")]
    assert places == ["Open the virtual phone"], "it waits in its place until there is a phone"
    row.status, row.accepted_at = "delivered", clock.now()
    db.session.commit()
    link = page_of(client.get(f"/messages/{row.id}")).select_one("a[href*='/phones/']")
    assert words(link) == "Open the virtual phone"
    assert link["href"].endswith("/phones/4915123456789")
    line.is_simulator = False
    db.session.commit()
    assert page_of(client.get(f"/messages/{row.id}")).select_one("a[href*='/phones/']") is None
