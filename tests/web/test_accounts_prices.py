"""Prices: an example until an administrator brings a list; a faulty list changes nothing."""

from __future__ import annotations

import io

from bs4 import BeautifulSoup

from flowbuilder.services.accounts import prices

GOOD = b"Market,Countries,Marketing,Utility,Authentication\nGermany,DE AT,0.11,0.05,0.05\nAll others,,0.06,0.01,0.01\n"
SAID = {"currency": "eur", "date": "2026-10-01", "source": "Meta, EUR"}


def _page(answer) -> BeautifulSoup:
    return BeautifulSoup(answer.data, "html.parser")


def _upload(client, content: bytes, **said: str):
    return client.post("/prices", data={**SAID, **said, "file": (io.BytesIO(content), "p.csv")}, content_type="multipart/form-data")


def test_the_example_is_marked_as_one(sign_in):
    page = _page(sign_in("viewer").get("/prices"))
    assert "These are example prices, not yours" in page.get_text()
    assert page.select_one("form input[type=file]") is None


def test_an_administrator_replaces_them_and_goes_back(sign_in, workspace):
    client = sign_in("admin")
    assert _upload(client, GOOD).status_code == 303
    card = prices.of(workspace.id)
    assert (card.currency, card.date, card.source, card.is_example) == ("EUR", "2026-10-01", "Meta, EUR", False)
    assert "Your prices of 2026-10-01" in _page(client.get("/prices")).get_text()
    client.post("/prices/example")
    assert prices.of(workspace.id).is_example


def test_a_faulty_list_is_told_row_by_row_and_changes_nothing(sign_in, workspace):
    answer = _upload(sign_in("admin"), GOOD.replace(b"0.11", b"much").replace(b"DE AT", b"DE QQ"), currency="")
    page = _page(answer)
    assert answer.status_code == 422
    assert [item.get_text()[:5] for item in page.select(".alert-bad li")] == ["Row 2", "Row 2"]
    assert "three letters" in page.select_one('[data-field="currency"]').get_text()
    assert page.select_one("[name=source]")["value"] == "Meta, EUR"
    assert prices.of(workspace.id).is_example


def test_a_designer_may_not_replace_them(sign_in):
    assert _upload(sign_in("designer"), GOOD).status_code == 403


def test_the_download_can_be_uploaded_again(sign_in, workspace):
    client = sign_in("admin")
    file = client.get("/prices.csv").data
    assert _upload(client, file).status_code == 303
    assert len(prices.of(workspace.id).markets) == 32
