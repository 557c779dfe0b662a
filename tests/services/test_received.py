"""Files that people send in: fetched from WhatsApp, kept, handed on by an address, gone with the person."""

from __future__ import annotations

from typing import Any, BinaryIO
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask

from flowbuilder import clock
from flowbuilder.services.contacts import erasure
from flowbuilder.services.conversations import received
from flowbuilder.services.inbound import apply, intake
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.conversations import Conversation
from flowbuilder.store.received import ReceivedFile
from flowbuilder.whatsapp.errors import CloudError, NotSent, Verdict
from tests import worlds
from tests.media import picture
from tests.stub import Stub

pytestmark = pytest.mark.database

_OPENING = ("n1", "user_sends_it", {"phrases": [{"id": "p0", "text": "claim"}]})
_ASKED = {"text": "Send a picture.", "answer": "image", "variable": "photo", "tries": 3, "retry_text": "A picture, please."}
_STEPS = (_OPENING, ("n2", "open_question", _ASKED), ("end", "finish", {"outcome": "success"}))
_EDGES = (("n1", "next", "n2"), ("n2", "answered", "end"), ("n2", "otherwise", "end"))


def _says(line: Line, wamid: str, **part: Any) -> None:
    said = worlds.said_to_us(wamid, **part)
    intake.receive(line.id, said, worlds.signed(said))
    apply.run()
    db.session.rollback()


def _sends(line: Line, kind: str = "image", **part: Any) -> ReceivedFile:
    worlds.published(line, worlds.flow(*_STEPS, edges=_EDGES, name="Claim"))
    _says(line, "w1", text={"body": "claim"})
    _says(line, "w2", **{kind: {"id": "900", "mime_type": "image/png", **part}})
    return db.session.query(ReceivedFile).one()


@pytest.fixture
def at_whatsapp(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What each fetch finds, in order: bytes, or what is raised."""
    found: list[Any] = []

    def fetch(meta: object, meta_id: str, out: BinaryIO, most: int) -> int:
        if isinstance(one := found.pop(0), Exception):
            raise one
        return out.write(one)

    monkeypatch.setattr(received.wire, "fetch", fetch)
    return found


def _fetched(row: ReceivedFile) -> ReceivedFile:
    received.run()
    db.session.refresh(row)
    return row


def test_a_picture_that_answers_a_question_is_fetched_and_its_address_kept(
    app: Flask, here: Line, meta: Stub, at_whatsapp: list[Any]
) -> None:
    at_whatsapp.append(picture())
    row = _fetched(_sends(here))

    assert (row.status, row.mime, row.size, row.name) == ("here", "image/png", len(picture()), "picture.png")
    conversation = db.session.query(Conversation).one()
    address = urlsplit(conversation.state["variables"]["photo"])
    assert (conversation.status, address.path) == ("finished", f"/files/{row.id}")
    answer = app.test_client().get(f"{address.path}?{address.query}")
    assert (answer.status_code, answer.data, answer.mimetype) == (200, picture(), "image/png")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_an_address_that_was_changed_or_has_ended_gives_nothing(app: Flask, here: Line, meta: Stub, at_whatsapp: list[Any]) -> None:
    at_whatsapp.append(picture())
    row = _fetched(_sends(here))
    now = clock.now()
    given, old = (dict(parse_qsl(urlsplit(received.address(here, row.id, at)).query)) for at in (now, now.replace(year=2020)))

    get = app.test_client().get
    assert get(f"/files/{row.id}", query_string=given).status_code == 200
    for wrong in (given | {"until": str(int(given["until"]) + 1)}, given | {"signature": "ä"}, {}, old):
        assert get(f"/files/{row.id}", query_string=wrong).status_code == 404


def test_what_could_not_be_fetched_is_tried_again_by_itself_and_by_hand(here: Line, meta: Stub, at_whatsapp: list[Any]) -> None:
    gone = CloudError(100, 33, "", "", Verdict.FAIL)
    at_whatsapp.extend([NotSent(), gone, picture()])
    row = _fetched(_sends(here))
    assert (row.status, row.problem) == ("waiting", "WhatsApp could not be reached.") and row.due_at > clock.now()

    row.due_at = clock.now()
    db.session.commit()
    assert _fetched(row).status == "failed"
    assert "no longer" in row.problem
    received.again(here.workspace_id, row.id, user_id=None)
    assert _fetched(row).status == "here"


def test_what_is_no_picture_is_not_shown_as_one(here: Line, meta: Stub, at_whatsapp: list[Any]) -> None:
    at_whatsapp.append(b"<svg onload='alert(1)'>")
    row = _fetched(_sends(here))
    assert (row.status, row.problem) == ("failed", "what came is no picture that can be opened.")
    assert not received.path_of(row.id).exists()


def test_erasing_a_person_deletes_their_files(here: Line, meta: Stub, at_whatsapp: list[Any]) -> None:
    at_whatsapp.append(picture())
    row = _fetched(_sends(here))
    path = received.path_of(row.id)
    assert path.exists()
    erasure.erase(here.workspace_id, row.contact_id, user_id=None)
    assert not path.exists()
    assert db.session.query(ReceivedFile).count() == 0
