"""What a person quotes may prove that a message of ours arrived, but only where it can't be anything else."""

from __future__ import annotations

import pytest

from flowbuilder.services.inbound import apply, intake
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.inbound import Webhook
from flowbuilder.store.sending import Message
from tests import worlds

_WA_ID = "4915000000000"


@pytest.fixture
def owed(line: Line) -> Message:
    """A template message to the person of these tests of which nobody knows whether it arrived."""
    worlds.seal(line)
    batch = worlds.batch(line, worlds.template(line), 1)
    row = db.session.query(Message).filter_by(batch_id=batch.id).one()
    row.status, row.phone = "unknown", f"+{_WA_ID}"
    db.session.commit()
    return row


def _tell(line_id: str, *bodies: bytes) -> None:
    for body in bodies:
        intake.receive(line_id, body, worlds.signed(body))
    apply.run()


def _is_owed_still(row: Message) -> bool:
    after = worlds.reload(row)
    return (after.status, after.wamid) == ("unknown", None)


def test_quoting_ones_own_words_proves_nothing_of_ours(owed: Message) -> None:
    own = worlds.said_to_us("wamid.own", wa_id=_WA_ID, text={"body": "Hello?"})
    _tell(owed.line_id, own, worlds.said_to_us("wamid.again", wa_id=_WA_ID, quoted="wamid.own", text={"body": "I mean this"}))
    assert _is_owed_still(owed)
    assert db.session.query(Message).filter_by(direction="in").count() == 2
    assert db.session.query(Webhook).count() == 0


def test_words_that_quote_what_we_do_not_know_prove_nothing(owed: Message) -> None:
    _tell(owed.line_id, worlds.said_to_us("wamid.in", wa_id=_WA_ID, quoted="wamid.of-last-year", text={"body": "This"}))
    assert _is_owed_still(owed)


def test_a_tap_on_a_list_proves_nothing_of_a_template(owed: Message) -> None:
    tapped = {"type": "list_reply", "list_reply": {"id": "r", "title": "Red"}}
    _tell(owed.line_id, worlds.said_to_us("wamid.in", wa_id=_WA_ID, quoted="wamid.a-list", interactive=tapped))
    assert _is_owed_still(owed)


def test_a_tap_on_a_template_proves_that_it_arrived(owed: Message) -> None:
    tapped = {"payload": "continue", "text": "Continue"}
    _tell(owed.line_id, worlds.said_to_us("wamid.in", wa_id=_WA_ID, quoted="wamid.never-told", button=tapped))
    after = worlds.reload(owed)
    assert (after.status, after.wamid) == ("delivered", "wamid.never-told")
