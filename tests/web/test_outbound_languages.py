from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from flowbuilder.services import outbound
from flowbuilder.services.accounts import lines
from flowbuilder.store.accounts import Line, Workspace
from flowbuilder.store.outbound import TemplateMessage
from tests.services.outbound_meta import READY, Meta, told
from tests.web.outbound_pages import soup


@pytest.fixture
def draft(workspace: Workspace, line: Line) -> TemplateMessage:
    return outbound.create(workspace.id, line.id, READY, None)


@pytest.fixture
def client(sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    return sign_in()


def test_a_translation_is_written_beside_its_source(client: FlaskClient, draft: TemplateMessage) -> None:
    page = soup(client.get(f"/outbound/{draft.id}"))
    assert page.select_one(f'form[action="/outbound/{draft.id}/languages"]')
    assert not page.select(".ob-source")
    answer = client.post(f"/outbound/{draft.id}/languages", data={"language": "ar"})
    page = soup(client.get(answer.headers["Location"]))
    source = page.select_one('[data-field="body"] .ob-source')
    assert READY.body in source.get_text()
    assert (source["lang"], source["dir"]) == ("en-US", "ltr")
    assert page.select_one("#field-language option[selected]")["value"] == "ar"
    tabs = page.select_one('nav[aria-label="Languages of this message"]')
    assert [link.get_text() for link in tabs.select("a")] == ["English (United States)", "Arabic"]
    assert "ar" not in [option["value"] for option in page.select("#add-language option")]


def test_the_page_of_a_message_lists_its_languages(
    client: FlaskClient, draft: TemplateMessage, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "client", lambda line: Meta())
    outbound.submit(workspace.id, draft.id, None)
    outbound.add_language(workspace.id, draft.id, "es", None)
    card = soup(client.get(f"/outbound/{draft.id}")).select_one(".ob-languages")
    assert [" ".join(item.get_text(" ").split()) for item in card.select("li")] == ["English (United States) In review", "Spanish Draft"]


def test_a_pause_can_be_ended_from_the_page(
    client: FlaskClient, draft: TemplateMessage, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = Meta()
    monkeypatch.setattr(lines, "client", lambda line: fake)
    outbound.submit(workspace.id, draft.id, None)
    for event, note in (("APPROVED", ""), ("PAUSED", "FIRST_PAUSE")):
        outbound.apply_status(draft.line_id, told(draft, event, note=note, at=2_000_000_000))
    page = soup(client.get(f"/outbound/{draft.id}"))
    assert page.select_one('[data-status="paused"]')
    assert "Meta ends the pause by itself at 18 May 2033, 06:33 UTC" in " ".join(page.get_text(" ").split())
    fake.unpause = "A template can be unpaused five minutes after it was paused."
    refused = client.post(f"/outbound/{draft.id}/unpause")
    assert refused.status_code == 409
    assert "five minutes after" in refused.text
    fake.unpause = ""
    client.post(f"/outbound/{draft.id}/unpause")
    assert outbound.find(workspace.id, draft.id).status == "approved"
    assert client.post(f"/outbound/{draft.id}/unpause").status_code == 409
