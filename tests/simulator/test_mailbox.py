"""The mailbox: takes every mail, shows it at once, and outlives a restart."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from flowbuilder.simulator import create_app, mailbox
from flowbuilder.simulator.settings import Settings
from flowbuilder.simulator.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = create_app(tmp_path, Settings(app_secret="s", access_token="t")).extensions["simulator"]
    close = mailbox.start(world, "127.0.0.1", 0)
    yield world
    close()
    world.store.close()


def _send(world: World, subject: str, text: str, subtype: str = "plain") -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Zoë <z@example.com>", "b@example.com", subject
    message.set_content(text, subtype=subtype)
    with smtplib.SMTP("127.0.0.1", world.mail_port) as connection:
        connection.send_message(message)


def _shown(tmp_path: Path, path: str) -> BeautifulSoup:
    """By an app of its own on the same home: nothing is kept in memory."""
    client = create_app(tmp_path, Settings(app_secret="s", access_token="t")).test_client()
    return BeautifulSoup(client.get(path, base_url="http://127.0.0.1").text, "html.parser")


def test_a_mail_is_shown_and_what_it_says_is_no_markup(world: World, tmp_path: Path) -> None:
    _send(world, "¿Qué? 482910", "Type <b>482910</b>\nplease")
    _send(world, "Other", "<p>Só HTML</p>", "html")
    other, first = _shown(tmp_path, "/mailbox").select("article.mail")
    assert (first.h2.text, first.select_one(".mail-text").text) == ("¿Qué? 482910", "Type <b>482910</b>\nplease")
    assert "Zoë <z@example.com>" in first.text and "b@example.com" in first.text
    assert "Só HTML" in other.text
    assert len(_shown(tmp_path, "/mailbox?search=482910&part=mails").select("article.mail")) == 1


def test_it_is_one_click_away_and_can_be_emptied(world: World, tmp_path: Path) -> None:
    _send(world, "Hi", "Hello")
    assert _shown(tmp_path, "/").select_one('header nav a[href="/mailbox"]').text == "Mailbox"
    client = create_app(tmp_path, Settings(app_secret="s", access_token="t")).test_client()
    assert client.post("/mailbox/empty", base_url="http://127.0.0.1").status_code == 303
    assert "No mail yet" in _shown(tmp_path, "/mailbox").text


def test_a_port_that_is_taken_is_told(world: World, tmp_path: Path) -> None:
    with pytest.raises(OSError):
        mailbox.start(world, "127.0.0.1", world.mail_port)
