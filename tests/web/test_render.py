"""Pages, blocks, toasts and errors as browsers and htmx get them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from flowbuilder.core.finding import Finding
from flowbuilder.errors import Conflict, FlowBuilderError, Invalid, NotFound, Unavailable
from flowbuilder.web.icons import _mark
from flowbuilder.web.policy import allow
from flowbuilder.web.render import render


def _raising(app: Flask, error: FlowBuilderError) -> FlaskClient:
    @allow(None)
    def view() -> str:
        raise error

    app.add_url_rule("/raises", "raises", view)
    return app.test_client()


def test_a_block_alone_is_a_part_of_the_page(app: Flask, sign_in: Callable[..., FlaskClient]) -> None:
    page = sign_in("viewer").get("/-/patterns").text

    with app.test_request_context():
        assert render("_errors.html", "title", status=404).strip() == "Not found"
    assert "Patterns" in page


def test_an_error_of_ours_is_a_page_with_its_sentence_and_status(app: Flask) -> None:
    response = _raising(app, NotFound("This flow was deleted.")).get("/raises")

    assert response.status_code == 404
    assert "This flow was deleted." in BeautifulSoup(response.text, "html.parser").main.text


def test_htmx_gets_an_error_as_a_toast_and_swaps_nothing(app: Flask) -> None:
    response = _raising(app, Conflict("Submitted already.")).get("/raises", headers={"HX-Request": "true"})

    assert response.status_code == 409
    assert response.headers["HX-Reswap"] == "none"
    assert json.loads(response.headers["HX-Trigger"]) == {"toast": {"text": "Submitted already.", "level": "danger"}}


def test_a_program_gets_an_error_as_json_with_its_findings(app: Flask) -> None:
    error = Invalid(findings=[Finding("missing", "Enter a name.", field="name"), Finding("too_long", "Shorten it.", field="text")])

    response = _raising(app, error).get("/raises", headers={"Accept": "application/json"})

    assert response.status_code == 422
    assert [finding["field"] for finding in response.json["error"]["findings"]] == ["name", "text"]


def test_what_does_not_answer_is_503(app: Flask) -> None:
    assert _raising(app, Unavailable()).get("/raises").status_code == 503


def test_words_of_people_are_escaped_in_errors(app: Flask) -> None:
    page = _raising(app, NotFound("<img src=x onerror=alert(1)>")).get("/raises").text

    assert "<img src=x" not in page


def test_the_sidebar_shows_only_what_the_role_may_open(sign_in: Callable[..., FlaskClient]) -> None:
    def entries(role: str) -> list[str]:
        page = BeautifulSoup(sign_in(role).get("/lines").text, "html.parser")
        return [link["title"] for link in page.select(".main-nav a")]

    assert "People" in entries("admin")
    assert "People" not in entries("designer")
    assert "Lines" in entries("viewer")


def test_the_page_of_all_components_shows_each_of_them(sign_in: Callable[..., FlaskClient]) -> None:
    page = BeautifulSoup(sign_in("viewer").get("/-/patterns").text, "html.parser")

    for part in ("dialog", "progress", "table", "fieldset", ".status", ".empty-state", ".copy-button", ".tabs", ".pager", ".alert-box"):
        assert page.select_one(part), part


def test_every_icon_that_a_template_names_is_among_the_copied_ones(app: Flask) -> None:
    known = set(Path(app.root_path, "static", "icons.txt").read_text().split())
    used = set()
    for path in Path(app.root_path, "templates").rglob("*.html"):
        used |= set(re.findall(r"""(?:ui\.icon\(|\bicon=|ui\.empty\()\s*["']([a-z0-9-]+)["']""", path.read_text()))

    assert used - known == set()


def test_a_file_without_our_mark_is_told_rather_than_drawn_as_nothing(tmp_path: Path) -> None:
    (file := tmp_path / "icon.svg").write_text('<svg><g id="other"><path d="M0 0"/></g></svg>')
    with pytest.raises(LookupError, match="icon.svg"):
        _mark(file)


def test_where_a_trigger_listens_is_quoted_if_it_has_blanks(app: Flask) -> None:
    """htmx 4 reads an unquoted ``from:find input`` as two words, and listens nowhere."""
    files = Path(app.root_path, "templates").rglob("*.html")
    told = [at for file in files for at in re.findall(r"from:(?:find|closest|next|previous) [^\"]*", file.read_text())]
    assert told == []


def test_an_error_in_a_field_is_tied_to_it_for_screen_readers(sign_in: Callable[..., FlaskClient]) -> None:
    response = sign_in("admin").post("/people/invite", data={"name": "", "email": "nobody", "role": "viewer"})

    page = BeautifulSoup(response.text, "html.parser")
    field = page.find("input", {"name": "email"})
    assert response.status_code == 422
    assert field["aria-invalid"] == "true"
    assert "ann@example.com" in page.find(id=field["aria-describedby"].split()[-1]).text
    assert field["value"] == "nobody"
