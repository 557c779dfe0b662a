"""Our own files: whole, with all headers, kept by browsers exactly as long as their address stands for them."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from flowbuilder.web import joined
from flowbuilder.web.assets import asset
from flowbuilder.web.security import HEADERS


@pytest.mark.parametrize("path", ["css/tokens.css", "js/canvas/canvas.js", "vendor/icons.svg", "vendor/canvas/editor.js", "icon.svg"])
def test_a_file_is_answered_whole_with_every_header(app: Flask, path: str) -> None:
    with app.test_request_context():
        address = asset(path)

    response = app.test_client().get(address)

    assert response.status_code == 200
    assert response.data == Path(app.root_path, "static", path).read_bytes()
    assert {name: response.headers.get(name) for name in HEADERS} == HEADERS
    assert "immutable" in response.headers["Cache-Control"]


def test_a_file_under_its_plain_address_is_asked_for_again(app: Flask) -> None:
    client = app.test_client()

    first = client.get("/static/css/tokens.css")
    again = client.get("/static/css/tokens.css", headers={"If-Modified-Since": first.headers["Last-Modified"]})

    assert "max-age=0" in first.headers["Cache-Control"]
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize(
    "path",
    ["package.json", "node_modules/htmx.org/package.json", "vendor/../package.json", "css/none.css", "css", "../flowbuilder/config.py"],
)
def test_nothing_else_is_a_file(app: Flask, path: str) -> None:
    assert app.test_client().get(f"/static/{path}").status_code == 404


def test_sheets_come_together_for_ever_with_addresses_that_hold_from_anywhere(app: Flask) -> None:
    with app.test_request_context():
        address, icons = joined.sheets("tokens", "kinds", "steps"), asset("vendor/icons/list.svg")

    response = app.test_client().get(address)

    assert "immutable" in response.headers["Cache-Control"]
    assert ":root" in response.text and ".step-message" in response.text and f'url("{icons}")' in response.text


def test_scripts_come_together_in_the_order_in_which_a_page_names_them(app: Flask) -> None:
    with app.test_request_context():
        response = app.test_client().get(joined.scripts("htmx", "dialogs", "focus"))

    assert response.mimetype == "text/javascript" and "immutable" in response.headers["Cache-Control"]
    dialogs, focus = (Path(app.root_path, "static/js", name).read_text() for name in ("dialogs.js", "focus.js"))
    assert response.text.startswith("var htmx") and response.text.endswith(f"{dialogs}\n{focus}")


@pytest.mark.parametrize(
    "names",
    [
        *("none.css", "tokens+none.css", "..%2Fpackage.css", "tokens+.css", "tokens+base+tokens.css"),
        *("tokens.js", "kinds.js", "app.css", "app.json"),
    ],
)
def test_what_is_no_sheet_and_no_script_is_not_found(app: Flask, names: str) -> None:
    assert app.test_client().get(f"/joined/1/{names}").status_code == 404
