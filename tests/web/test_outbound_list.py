from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from flowbuilder import clock
from flowbuilder.services import outbound
from flowbuilder.store import db
from flowbuilder.store.accounts import Line, Workspace
from flowbuilder.store.outbound import TemplateMessage
from tests.services.outbound_meta import READY
from tests.web.outbound_pages import HTMX, soup


@pytest.fixture
def client(sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    return sign_in("viewer")


@pytest.fixture
def many(workspace: Workspace, line: Line) -> list[TemplateMessage]:
    """120 drafts, made one minute after the other; several share a name."""
    now, rows = clock.now(), []
    for number in range(120):
        made = now + timedelta(minutes=number)
        name, id = f"Message {number // 3:02}", f"out_{number * 7919 % 1000:020}"
        content = replace(READY, name=name).to_json()
        values = {
            "workspace_id": workspace.id,
            "line_id": line.id,
            "name": name,
            "language": "en_US",
            "category": "UTILITY",
            "kind": "TEXT",
        }
        rest = {"conversation": "NOTIFICATION", "content": content, "status": ("draft", "approved")[number % 2], "wire_name": f"m_{number}"}
        rows.append(TemplateMessage(id=id, created_at=made, updated_at=made, **values, **rest))
    db.session.add_all(rows)
    db.session.commit()
    return rows


def names(page: BeautifulSoup) -> list[str]:
    return [link.get_text() for link in page.select("tbody td.main-cell > a")]


def ids(page: BeautifulSoup) -> list[str]:
    return [button["data-copy"] for button in page.select("tbody td.main-cell button[data-copy]")]


def walk(client: FlaskClient, address: str) -> list[list[str]]:
    """The ids on each page, following Next to the end."""
    pages = []
    while address:
        page = soup(client.get(address))
        pages.append(ids(page))
        onward = page.select_one('a[rel="next"]')
        address = onward["href"] if onward else ""
    return pages


SORTS = ("", "-updated", "updated", "name", "-name", "status", "-category", "kind", "language", "line", "nonsense")
PLACES = ("after=x&after_id=y", "after=2026-01-01&after_id=z", "after=&after_id=", "after=1", "sort=name&after=%00&after_id=1")


@pytest.mark.parametrize("sort", SORTS)
def test_every_order_pages_through_all_once(client: FlaskClient, many: list[TemplateMessage], sort: str) -> None:
    pages = walk(client, f"/outbound?sort={sort}" if sort else "/outbound")
    assert [len(page) for page in pages] == [50, 50, 20]
    assert sorted(id for page in pages for id in page) == sorted(row.id for row in many)


@pytest.mark.database
def test_the_order_is_that_of_the_column(client: FlaskClient, many: list[TemplateMessage]) -> None:
    newest = [row.id for row in sorted(many, key=lambda row: row.updated_at, reverse=True)]
    assert [id for page in walk(client, "/outbound") for id in page] == newest
    by_name = [row.id for row in sorted(many, key=lambda row: (row.name, row.id))]
    assert [id for page in walk(client, "/outbound?sort=name") for id in page] == by_name


def test_the_order_and_the_filters_go_along_to_the_next_page(client: FlaskClient, many: list[TemplateMessage]) -> None:
    pages = walk(client, "/outbound?status=approved&sort=-name&q=message")
    assert [len(page) for page in pages] == [50, 10]
    second = soup(client.get(soup(client.get("/outbound?status=approved&sort=-name&q=message")).select_one('a[rel="next"]')["href"]))
    assert second.find("a", string="First page") or second.select_one(".pager a")["href"].startswith("/outbound?q=message")
    assert second.select_one('select[name="status"] option[selected]')["value"] == "approved"


def test_a_heading_sorts_and_says_so(client: FlaskClient, many: list[TemplateMessage]) -> None:
    page = soup(client.get("/outbound"))
    heads = {head.get_text(strip=True): head for head in page.select("th")}
    assert heads["Last change"]["aria-sort"] == "descending"
    assert "aria-sort" not in heads["Name"].attrs
    page = soup(client.get(heads["Name"].a["href"]))
    head = next(head for head in page.select("th") if head.get_text(strip=True) == "Name")
    assert (head["aria-sort"], head.a["href"]) == ("ascending", "/outbound?sort=-name")
    assert names(page)[:3] == ["Message 00"] * 3


@pytest.mark.parametrize("place", PLACES)
def test_a_place_that_nobody_gave_out_does_no_harm(client: FlaskClient, many: list[TemplateMessage], place: str) -> None:
    assert client.get(f"/outbound?{place}").status_code == 200


def test_the_languages_of_a_message_are_one_row(client: FlaskClient, workspace: Workspace, line: Line) -> None:
    first = outbound.create(workspace.id, line.id, READY, None)
    spanish = outbound.add_language(workspace.id, first.id, "es", None)
    page = soup(client.get("/outbound"))
    assert ids(page) == [first.id]
    assert page.select_one(f'td a[href="/outbound/{spanish.id}"]').get_text() == "Spanish"
    assert ids(soup(client.get("/outbound?language=es"))) == [spanish.id]
    assert ids(soup(client.get("/outbound?language=es&status=approved"))) == []


def test_a_search_keeps_the_list_a_piece_of_the_page(client: FlaskClient, many: list[TemplateMessage]) -> None:
    address = "/outbound?q=Message+01&kind=TEXT"
    fragment = client.get(address, headers=HTMX).text
    assert len(ids(BeautifulSoup(fragment, "html.parser"))) == 3
    assert fragment.strip() in client.get(address).text
