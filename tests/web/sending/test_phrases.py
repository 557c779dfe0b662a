"""Test conversation of a flow that people begin with words of their own."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote

import zxingcpp
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from PIL import Image

from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.flows import FlowDraft
from tests import worlds


def _flow(line: Line, *phrases: str) -> FlowDraft:
    said = [{"id": f"p{at}", "text": text} for at, text in enumerate(phrases)]
    document = worlds.flow(
        ("n1", "user_sends_it", {"phrases": said}), ("n2", "finish", {"outcome": "success", "text": "Bye."}), edges=(("n1", "next", "n2"),)
    )
    return db.session.get_one(FlowDraft, worlds.published(line, document).flow_id)


def test_each_phrase_comes_with_its_link_and_a_virtual_phone(sign_in: Callable[..., FlaskClient], line: Line) -> None:
    flow = _flow(line, "Book a table", "Reserve")
    page = BeautifulSoup(sign_in("tester").get(f"/flows/{flow.id}/test").text, "html.parser")
    shown = page.select("article.phrase")
    assert [one.select_one("strong").text for one in shown] == ["Book a table", "Reserve"]
    assert shown[0].select_one("a.btn")["href"].endswith("/?text=Book%20a%20table")
    assert "https://wa.me/" in shown[1].text
    assert page.select_one("#single") is None


def test_over_a_real_line_no_virtual_phone_is_offered(sign_in: Callable[..., FlaskClient], line: Line) -> None:
    line.is_simulator = False
    flow = _flow(line, "Book a table")
    page = BeautifulSoup(sign_in("tester").get(f"/flows/{flow.id}/test").text, "html.parser")
    assert page.select_one("article.phrase") and not page.select_one("article.phrase a.btn")


def test_an_unpublished_flow_says_that_phrases_begin_the_published_one(sign_in: Callable[..., FlaskClient], line: Line) -> None:
    flow = _flow(line)
    flow.published = None
    db.session.commit()
    page = sign_in("tester").get(f"/flows/{flow.id}/test").text
    assert "The flow is not published yet, so its phrases begin nothing for others." in page
    assert "The flow has no phrase yet" in page


def test_the_qr_code_of_a_phrase_reads_as_the_link_to_the_lines_number(sign_in: Callable[..., FlaskClient], line: Line) -> None:
    flow = _flow(line, "Café & más?")
    panel = BeautifulSoup(sign_in("designer").get(f"/flows/{flow.id}/steps/n1/panel").text, "html.parser")
    (read,) = zxingcpp.read_barcodes(_painted(unquote(panel.select_one(".invitation img")["src"])))

    assert line.display_number == "+1 555-010-0001"
    assert read.text == "https://wa.me/15550100001?text=Caf%C3%A9%20%26%20m%C3%A1s%3F"
    assert panel.select_one(".invitation [data-copy]")["data-copy"] == read.text


def _painted(svg: str) -> Image.Image:
    """The picture of an SVG that draws each row of dark modules as strokes from where the pen is."""
    picture = Image.new("L", (400, 400), 255)
    x = y = 0.0
    for letter, first, second in re.findall(r"([Mmh])(-?[\d.]+)(?: (-?[\d.]+))?", svg.split(" d='")[1]):
        if letter == "h":
            picture.paste(0, (round(x * 4), round(y * 4 - 2), round((x + float(first)) * 4), round(y * 4 + 2)))
        x, y = (float(first), float(second)) if letter == "M" else (x + float(first), y + float(second or 0))
    return picture
