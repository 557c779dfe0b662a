from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from flowbuilder.services import outbound
from flowbuilder.services.accounts import lines
from flowbuilder.store.accounts import Line, Workspace
from tests.services.test_outbound_sync import ORDER, Account, at_meta


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Any:
    fake = Account([at_meta("1", "one"), at_meta("2", "place", ORDER, {"type": "HEADER", "format": "LOCATION"})])
    monkeypatch.setattr(lines, "client", lambda line: fake)
    return fake


@pytest.fixture
def designer(sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    return sign_in()


def begin(designer: FlaskClient, line: Line) -> str:
    assert designer.post("/outbound/sync", data={"line_id": line.id}).status_code == 303
    return outbound.sync.recent(line.workspace_id)[0].id


def test_bringing_in_is_watched_until_it_is_done(designer: FlaskClient, line: Line, account: Any) -> None:
    sync_id = begin(designer, line)
    running = BeautifulSoup(designer.get("/outbound/sync").text, "html.parser").select_one("#runs")
    assert running["hx-get"] == "/outbound/sync"
    outbound.sync.run(sync_id)
    fragment = designer.get("/outbound/sync", headers={"HX-Request": "true"}).text
    done = BeautifulSoup(fragment, "html.parser").select_one("#runs")
    assert "hx-get" not in done.attrs
    assert [item.text for item in done.select("li")] == ["1 new here", "1 to be seen only, since FlowBuilder cannot send them"]
    assert fragment.strip() in designer.get("/outbound/sync").text


def test_what_can_only_be_seen_says_why_and_offers_no_send(designer: FlaskClient, line: Line, workspace: Workspace, account: Any) -> None:
    outbound.sync.run(begin(designer, line))
    row = next(row for row in outbound.listed(workspace.id) if row.wire_name == "place")
    page = BeautifulSoup(designer.get(f"/outbound/{row.id}").text, "html.parser")
    assert "Its header is a location." in page.text
    assert not page.select(f'a[href="/outbound/{row.id}/send"]')
    assert "LOCATION" in page.select_one("details pre").text


def test_a_viewer_sees_but_does_not_bring_in(sign_in: Callable[..., FlaskClient], line: Line) -> None:
    viewer = sign_in("viewer")
    assert viewer.post("/outbound/sync", data={"line_id": line.id}).status_code == 403
    assert not BeautifulSoup(viewer.get("/outbound/sync").text, "html.parser").select("form[action='/outbound/sync']")


def test_a_line_of_nobody_is_refused(designer: FlaskClient, line: Line) -> None:
    assert designer.post("/outbound/sync", data={"line_id": "lin_other"}).status_code == 404


def test_the_list_leads_to_it(designer: FlaskClient) -> None:
    page = BeautifulSoup(designer.get("/outbound").text, "html.parser")
    assert page.select_one('a[href="/outbound/sync"]').get_text(strip=True) == "Sync"
