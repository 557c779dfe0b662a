"""Test conversation of a flow that people begin with words of their own."""

from __future__ import annotations

from collections.abc import Callable

from bs4 import BeautifulSoup
from flask.testing import FlaskClient

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
