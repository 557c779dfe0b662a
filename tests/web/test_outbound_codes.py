from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from flowbuilder.services import outbound
from flowbuilder.services.accounts import lines
from flowbuilder.store import db
from flowbuilder.store.accounts import Line, Workspace
from flowbuilder.store.outbound import TemplateMessage
from tests.services.test_outbound_codes import CODE, SHOWN, Teller
from tests.web.outbound_pages import HTMX, partial, soup, values


@pytest.fixture
def client(sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    return sign_in()


@pytest.fixture
def draft(workspace: Workspace, line: Line) -> TemplateMessage:
    return outbound.create(workspace.id, line.id, CODE, None)


@pytest.fixture
def teller(monkeypatch: pytest.MonkeyPatch) -> Teller:
    fake = Teller([SHOWN])
    monkeypatch.setattr(lines, "client", lambda line: fake)
    return fake


def test_the_form_shows_our_copy_at_once_and_asks_meta_meanwhile(client: FlaskClient, draft: TemplateMessage, teller: Teller) -> None:
    page = soup(client.get(f"/outbound/{draft.id}"))
    fixed = page.select_one(".ob-fixed")
    assert "Tu código de verificación es" in fixed.get_text()
    assert teller.calls == 0
    asking = fixed.select_one("[hx-get]")
    assert parse_qs(urlsplit(asking["hx-get"]).query)["language"] == ["es_MX"]
    answer = soup(client.get(asking["hx-get"], headers=HTMX))
    assert partial(answer, ".ob-fixed").get_text() == "Tu código es 123456."
    assert "123456" in partial(answer, "#ob-preview").get_text()
    assert "Caduca en 7 minutos." in partial(answer, "#ob-preview").get_text()


def test_once_known_metas_words_are_in_the_page_and_nobody_is_asked(client: FlaskClient, draft: TemplateMessage, teller: Teller) -> None:
    outbound.codes.learn(draft.workspace_id, draft.line_id, CODE)
    page = soup(client.get(f"/outbound/{draft.id}"))
    assert "Tu código es" in page.select_one(".ob-fixed").get_text()
    assert not page.select(".ob-fixed [hx-get]")
    form: dict[str, Any] = {**values(page), "otp.lifetime_minutes": "8"}
    saved = partial(soup(client.post(f"/outbound/{draft.id}/draft", data=form, headers=HTMX)), ".ob-fixed")
    assert saved.select_one("[hx-get]")


def test_the_label_of_the_button_goes_with_the_language_unless_it_is_ones_own(
    client: FlaskClient, draft: TemplateMessage, teller: Teller
) -> None:
    def saved(**changes: str) -> Any:
        form: dict[str, Any] = {**values(soup(client.get(f"/outbound/{draft.id}"))), **changes}
        return soup(client.post(f"/outbound/{draft.id}/draft", data=form, headers=HTMX))

    saved(**{"otp.button_label": "Copiar código"})
    assert partial(saved(language="en_US"), "#part-text").find(id="field-otp-button_label")["value"] == "Copy code"
    saved(**{"otp.button_label": "Take it"})
    assert soup(client.get(f"/outbound/{draft.id}")).find(id="field-otp-button_label")["value"] == "Take it"
    saved(language="pt_BR")
    assert soup(client.get(f"/outbound/{draft.id}")).find(id="field-otp-button_label")["value"] == "Take it"


def test_a_lifetime_that_cannot_be_is_not_asked_about(client: FlaskClient, draft: TemplateMessage, teller: Teller) -> None:
    form: dict[str, Any] = {**values(soup(client.get(f"/outbound/{draft.id}"))), "otp.lifetime_minutes": "200"}
    assert "code-text" not in client.post(f"/outbound/{draft.id}/draft", data=form, headers=HTMX).text


@pytest.mark.parametrize("way", ["ONE_TAP", "ZERO_TAP", "COPY_CODE"])
def test_a_copy_says_that_its_code_does_not_fill_itself_in_any_more(client: FlaskClient, draft: TemplateMessage, way: str) -> None:
    link = f"https://www.whatsapp.com/otp/code/?otp_type={way}&code=otp{{{{1}}}}"
    draft.components = [{"type": "BUTTONS", "buttons": [{"type": "URL", "text": "Copy code", "url": link}]}]
    db.session.commit()
    copy = outbound.duplicate(draft.workspace_id, draft.id, None)
    said = soup(client.get(f"/outbound/{copy.id}")).get_text()
    assert ("fills its code in by itself" in said) == (way != "COPY_CODE")


@pytest.mark.parametrize(
    ("query", "status"), [("language=xx&minutes=5", 422), ("language=es&minutes=91", 422), ("language=es&minutes=5", 404)]
)
def test_a_question_that_makes_no_sense_is_refused(client: FlaskClient, teller: Teller, query: str, status: int) -> None:
    assert client.get(f"/outbound/code-text?line_id=nobody&{query}").status_code == status
