"""A batch in a browser: its first ten, the rest, a later start, what failed once more; lists that move, a chart that is drawn."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from flowbuilder import clock
from flowbuilder.services.sending import pump, reading
from flowbuilder.store import db, new_id
from flowbuilder.store.accounts import Line, Workspace
from flowbuilder.store.flows import FlowDraft
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.store.sending import Batch, Message
from tests import worlds
from tests.e2e.axe import serious
from tests.stub import Stub, accept

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture
def meta() -> Any:
    with Stub() as stub:
        yield stub


@pytest.fixture
def here(redis_url: str, line: Line, meta: Stub) -> Line:
    line.base_url, line.messages_per_second = meta.url, 0
    return worlds.seal(line)


@pytest.fixture
def message(here: Line) -> TemplateMessage:
    row = worlds.template(here)
    row.content = {**row.content, "conversation": "NOTIFICATION"}
    row.conversation = "NOTIFICATION"
    db.session.commit()
    return row


@pytest.fixture
def uploaded(page: Page, enter: Callable[..., str], message: TemplateMessage) -> Callable[..., str]:
    """Bring a file of so many rows in through the page; its batch, once it was read."""
    url = enter(page, "tester")

    def bring(count: int, faulty: int = 0) -> str:
        rows = "".join(f"49,15123450{at:03},Ann {at}\n" for at in range(count)) + "49,12,Bo\n" * faulty
        page.goto(f"{url}/outbound/{message.id}/send?way=batch")
        file = {"name": "people.csv", "mimeType": "text/csv", "buffer": f"Country code,Phone number,first_name\n{rows}".encode()}
        page.locator('input[type="file"]').set_input_files(file)
        page.get_by_role("button", name="Upload file").click()
        page.get_by_text("Nothing is sent yet.").wait_for()
        batch_id = page.url.rsplit("/", 1)[1]
        reading.run(batch_id)
        page.get_by_role("button", name="Start sending").wait_for()
        return batch_id

    return bring


def _count(page: Page, name: str) -> Any:
    return page.locator(f'[data-count="{name}"] dd')


def test_first_ten_then_the_rest_then_what_failed_once_more(page: Page, uploaded: Callable[..., str], meta: Stub) -> None:
    refused = {"error": {"message": "(#131049)", "code": 131049}}
    meta.answer = lambda payload: (400, refused) if payload["to"].endswith("25") else accept(payload)
    batch_id = uploaded(30)
    page.get_by_label("Send to 10 first, then wait for my word").check()
    page.get_by_label("These people agreed to get messages from us").check()
    page.get_by_role("button", name="Start sending").click()
    page.get_by_role("progressbar", name="Progress").wait_for()
    pump.run(batch_id)
    page.get_by_text("Look at how they fare").wait_for()
    expect(_count(page, "accepted")).to_contain_text("10")

    page.get_by_role("button", name="Send the rest").click()
    page.get_by_role("button", name="Pause").wait_for()
    pump.run(batch_id)
    expect(_count(page, "accepted")).to_contain_text("29")
    page.get_by_role("button", name="Retry failed", exact=True).click()
    page.get_by_text("Meta held back all of them within the last 24 hours").wait_for()
    page.get_by_label("Leave this one out for now").uncheck()
    page.get_by_role("button", name="Retry failed", exact=True).click()
    page.wait_for_url(lambda address: batch_id not in address)
    reading.run(page.url.rsplit("/", 1)[1])

    page.get_by_role("button", name="Start sending").wait_for()
    expect(page.get_by_label("What was read")).to_contain_text(re.compile(r"1\s*row in the file"))
    page.locator(".lineage").get_by_role("link", name="people.csv").click()
    page.get_by_role("link", name="Retry of 1").wait_for()


def test_a_batch_that_starts_later_says_when_and_lets_itself_be_changed(page: Page, uploaded: Callable[..., str]) -> None:
    batch_id = uploaded(3, faulty=2)
    assert serious(page) == []
    expect(page.get_by_label("Day and time")).to_be_hidden()
    page.get_by_role("radio", name="Start later").check(force=True)
    page.get_by_label("Day and time").fill(f"{clock.now() + timedelta(days=1):%Y-%m-%dT%H:%M}")
    page.get_by_label("Time zone").select_option("Europe/Berlin")
    page.get_by_label("These people agreed to get messages from us").check()
    page.get_by_label("Phone number in row").first.fill("1512 3450199")
    page.get_by_role("button", name="Correct row").first.click()
    page.get_by_text("The row is good now").wait_for()
    expect(page.get_by_label("Phone number in row")).to_be_focused()
    page.get_by_label("Day and time").fill("2020-01-01T10:00")
    page.get_by_role("button", name="Start at this time").click()
    expect(page.get_by_label("Day and time")).to_be_focused()
    page.get_by_label("Day and time").fill(f"{clock.now() + timedelta(days=1):%Y-%m-%dT%H:%M}")
    page.get_by_role("button", name="Start at this time").click()
    page.get_by_text(re.compile(r"Starts by itself on .*Europe/Berlin")).wait_for()
    assert serious(page) == []
    page.get_by_role("button", name="Change").click()
    page.get_by_role("button", name="Start at this time").wait_for()
    expect(page.get_by_label("Time zone")).to_have_value("Europe/Berlin")
    assert db.session.get(Batch, batch_id, populate_existing=True).status == "draft"


def test_the_list_moves_and_the_chart_is_drawn_without_a_reload(page: Page, uploaded: Callable[..., str], meta: Stub, app: Any) -> None:
    meta.delay = 0.1
    batch_id = uploaded(60)
    page.get_by_label("These people agreed to get messages from us").check()
    page.get_by_role("button", name="Start sending").click()
    page.get_by_role("progressbar", name="Progress").wait_for()
    page.evaluate("window.isSamePage = true")
    last = db.session.scalar(select(Message.id).where(Message.batch_id == batch_id).order_by(Message.id.desc()).limit(1))
    first = page.locator(f"#row-{last - 59} .status")
    expect(first).to_have_attribute("data-status", "queued")

    def send() -> None:
        with app.app_context():
            pump.run(batch_id, threads=4)
            db.session.remove()

    thread = threading.Thread(target=send)
    thread.start()
    expect(first).to_have_attribute("data-status", "accepted", timeout=10_000)
    thread.join(20)
    expect(page.locator("#batch .status").first).to_have_attribute("data-status", "finished")
    expect(page.locator("#chart canvas")).to_be_visible(timeout=12_000)
    expect(page.get_by_role("img", name=re.compile("At most .* accepted a second"))).to_be_visible()
    assert page.evaluate("window.isSamePage") is True
    assert serious(page) == []


def test_recipients_are_found_while_one_types_and_the_address_keeps_it(page: Page, uploaded: Callable[..., str]) -> None:
    batch_id = uploaded(60)
    page.get_by_label("These people agreed to get messages from us").check()
    page.get_by_role("button", name="Start sending").click()
    page.get_by_role("progressbar", name="Progress").wait_for()
    pump.run(batch_id)
    field = page.get_by_label("Phone number")
    field.press_sequentially("450042", delay=40)
    expect(page.locator(".recipient-table tbody tr")).to_have_count(1)
    expect(field).to_be_focused()
    expect(field).to_have_value("450042")
    assert "phone=450042" in page.url
    page.reload()
    expect(page.locator(".recipient-table tbody tr")).to_have_count(1)
    page.set_viewport_size({"width": 390, "height": 844})
    assert serious(page) == []


def test_another_approved_message_is_chosen_for_a_trial(page: Page, enter: Callable[..., str], here: Line, workspace: Workspace) -> None:
    own, other = worlds.template(here), worlds.template(here, body="Good day {{first_name}}, have you a minute?")
    own.status, other.name = "pending", "Good day"
    nodes = [{"id": "n1", "kind": "you_send_it", "data": {"template": own.id}}]
    document = {"schema": 1, "name": "Welcome", "settings": {}, "nodes": nodes, "edges": [], "layout": {}}
    times = {"created_at": clock.now(), "updated_at": clock.now()}
    flow = FlowDraft(id=new_id("flw"), workspace_id=workspace.id, name="Welcome", document=document, **times)
    db.session.add(flow)
    db.session.commit()

    page.goto(f"{enter(page, 'tester')}/flows/{flow.id}/test")
    expect(page.get_by_text("This message is not approved yet")).to_be_visible()
    expect(page.get_by_role("button", name="Send message")).to_have_count(0)
    page.get_by_label("Choose another approved message").select_option(label="Good day (English (United States))")
    page.get_by_role("button", name="Use this message").click()
    page.get_by_role("button", name="Send message").wait_for()
    expect(page.get_by_label("Preview of the message")).to_contain_text("have you a minute?")


def test_a_number_is_formatted_as_it_is_typed_and_chooses_its_country(
    page: Page, enter: Callable[..., str], message: TemplateMessage
) -> None:
    page.goto(f"{enter(page, 'tester')}/outbound/{message.id}/send")
    field = page.get_by_label("Phone number")
    page.get_by_label("This person agreed").press("Enter")
    expect(field).to_be_focused()
    page.get_by_label("Country").select_option("DE")
    field.press_sequentially("+5511987654321", delay=30)
    expect(field).to_have_value("+55 11 98765-4321")
    expect(page.get_by_label("Country")).to_have_value("BR")
    field.evaluate("field => field.setSelectionRange(6, 6)")
    page.keyboard.press("Backspace")
    expect(field).not_to_have_value("+55 11 98765-4321")
    page.keyboard.type("1", delay=30)
    expect(field).to_have_value("+55 11 98765-4321")
    assert field.evaluate("field => field.selectionStart") in (6, 7)
    expect(page.locator("#phone-words")).to_contain_text("+55 11 98765-4321")
    field.fill("12ab")
    expect(page.locator("#phone-words")).to_contain_text("digits only")
    field.press("Tab")
    page.get_by_role("button", name="Send message").click()
    expect(page.locator("#field-phone-error")).to_contain_text("digits only")
    expect(field).to_have_value("12ab")
    page.get_by_label("first_name").press_sequentially("Bo", delay=30)
    expect(page.get_by_label("Preview of the message")).to_contain_text("Bo")
