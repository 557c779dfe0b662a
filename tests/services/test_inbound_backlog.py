"""What people wrote while nothing here heard it, minutes ago: one answer each. In a conversation that goes on, each message has its own."""

from __future__ import annotations

import itertools
import random
from datetime import timedelta
from typing import Any

import pytest

from flowbuilder import clock
from flowbuilder.services.inbound import apply, intake
from flowbuilder.services.sending import deliver, single
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.conversations import ConversationEvent
from flowbuilder.store.received import ReceivedFile
from flowbuilder.store.sending import Message
from tests import worlds
from tests.stub import Stub

pytestmark = pytest.mark.database

_WA_ID = "4915112345678"
_ASKED, _AGAIN = "Which colour, Ann?", "Please tap."
_keys = itertools.count()


@pytest.fixture
def opener(here: Line) -> Message:
    """A message that has gone out and starts a conversation."""
    template, version = worlds.template(here).id, worlds.version(here).id
    row = single.send(
        here.workspace_id, template, f"+{_WA_ID}", {"first_name": "Ann"}, version_id=version, user_id=None, client_key="opener"
    )
    deliver.one(row.id)
    return worlds.reload(row)


def _tap(opener: Message, ago: float) -> bytes:
    tapped = {"payload": "continue", "text": "Continue"}
    return worlds.said_to_us(f"wamid.in{next(_keys)}", wa_id=_WA_ID, quoted=opener.wamid, ago=ago, button=tapped)


def _words(text: str, ago: float) -> bytes:
    return worlds.said_to_us(f"wamid.in{next(_keys)}", wa_id=_WA_ID, ago=ago, text={"body": text})


def _tell(line: Line, *bodies: bytes) -> None:
    for body in bodies:
        intake.receive(line.id, body, worlds.signed(body))
    apply.run()
    db.session.rollback()


def _said(meta: Stub) -> list[str]:
    return [p["text"]["body"] if p["type"] == "text" else p["interactive"]["body"]["text"] for p in meta.seen if p["type"] != "template"]


def _ignored() -> list[str]:
    rows = db.session.query(ConversationEvent).filter_by(kind="ignored").order_by(ConversationEvent.number)
    return [row.data["input"].get("text", "tap") for row in rows]


def _missed() -> int:
    return db.session.query(Message).filter(Message.missed_at.is_not(None)).count()


@pytest.mark.parametrize("seed", range(3))
def test_of_what_one_person_wrote_meanwhile_the_tap_is_answered_and_words_are_not(
    here: Line, meta: Stub, opener: Message, seed: int
) -> None:
    bodies = [_words("Hello?", 300), _words("Anybody there?", 200), _tap(opener, 100), _words("Well?", 60)]
    random.Random(seed).shuffle(bodies)
    _tell(here, *bodies)
    assert _said(meta) == [_ASKED]
    assert _ignored() == ["Hello?", "Anybody there?", "Well?"]
    assert _missed() == 3


def test_words_alone_are_answered_once_at_their_end(here: Line, meta: Stub, opener: Message) -> None:
    _tell(here, _tap(opener, 400))
    _tell(here, *(_words(text, ago) for text, ago in (("Hello?", 300), ("Are you there?", 200), ("Hm", 100))))
    assert _said(meta) == [_ASKED]
    assert _missed() == 3


def test_an_answer_that_is_heard_a_minute_late_is_taken(here: Line, meta: Stub, opener: Message) -> None:
    _tell(here, _tap(opener, 400))
    _long_said()
    _tell(here, *(_words(text, ago) for text, ago in (("Hello?", 300), ("Red", 200), ("Hello?", 100))))
    assert _said(meta) == [_ASKED, "Red it is.", "Bye."]
    assert _missed() == 1


def test_what_comes_after_the_others_of_its_burst_were_answered_is_not_answered_again(here: Line, meta: Stub, opener: Message) -> None:
    _tell(here, _words("Hello?", 300), _words("Anybody there?", 200))
    _tell(here, _words("Well?", 100))
    assert _turns() == 1
    assert _missed() == 2


def _turns() -> int:
    """How many times something was said."""
    return db.session.query(Message.created_at).filter(Message.direction == "out", Message.kind != "template").distinct().count()


def test_the_exit_word_is_heard_however_late_it_comes(here: Line, meta: Stub, opener: Message) -> None:
    _tell(here, _tap(opener, 300), _words("EXIT", 100))
    assert worlds.conversation_of(opener).status == "cancelled"


def test_in_a_conversation_that_goes_on_each_message_is_answered(here: Line, meta: Stub, opener: Message) -> None:
    _tell(here, _tap(opener, 3), _words("Blue", 2), _words("Red", 1))
    assert _said(meta) == [_ASKED, _AGAIN, _ASKED, "Red it is.", "Bye."]
    assert _missed() == 0


def test_a_reaction_after_words_does_not_keep_them_from_being_answered(here: Line, meta: Stub, opener: Message) -> None:
    reaction: Any = {"message_id": opener.wamid, "emoji": "👍"}
    _tell(here, _tap(opener, 400))
    _long_said()
    _tell(here, _words("Blue", 100), worlds.said_to_us("wamid.reaction", wa_id=_WA_ID, ago=60, reaction=reaction))
    assert _said(meta) == [_ASKED, _AGAIN, _ASKED]


def _long_said() -> None:
    """What we said so far was said ten minutes ago."""
    db.session.execute(db.update(Message).where(Message.direction == "out").values(created_at=clock.now() - timedelta(minutes=10)))
    db.session.commit()


@pytest.mark.parametrize(("ago", "missed"), [(20 * 60, 2), (60, 0)])
def test_words_and_files_outside_of_a_conversation_are_missed_alike(here: Line, meta: Stub, ago: float, missed: int) -> None:
    file = worlds.said_to_us("wamid.file", wa_id=_WA_ID, ago=ago, image={"id": "900", "mime_type": "image/png"})
    _tell(here, _words("Hello?", ago), file)
    assert (_missed(), db.session.query(ReceivedFile).count()) == (missed, 1)
