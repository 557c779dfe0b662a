"""What a flow fills in of the message that starts it: for one person, and for everybody in a file."""

from __future__ import annotations

import io
from typing import Any

import pytest

from flowbuilder import clock
from flowbuilder.errors import Invalid
from flowbuilder.services.contacts import attributes
from flowbuilder.services.sending import batches, doors, mending, reading
from flowbuilder.services.sending.doors import Door
from flowbuilder.store import db, new_id
from flowbuilder.store.accounts import Line, Workspace
from flowbuilder.store.conversations import Contact
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.store.sending import Batch, BatchFault, Message
from tests import worlds

pytestmark = pytest.mark.database
_BODY = "Hi {{first_name}} of {{city}}, {{shop}} has news in {{code}}."


@pytest.fixture
def opened(here: Line) -> tuple[TemplateMessage, str]:
    """A message with four words, and the flow that it starts, which fills in three of them; Ann of Lima is a contact."""
    template = worlds.template(here, body=_BODY)
    filled = {"first_name": "{{contact.first_name}}", "city": "{{contact.city}}", "shop": "Blue"}
    start = {"template": template.id, "filled": filled, "otherwise": {"first_name": "friend", "city": "town"}}
    nodes = [{"id": "n1", "kind": "you_send_it", "data": start}, *worlds.DOCUMENT["nodes"][1:]]
    document: dict[str, Any] = {**worlds.DOCUMENT, "nodes": nodes}
    flow_id = worlds.published(here, document).flow_id
    ann = Contact(id=new_id("con"), workspace_id=here.workspace_id, phone="+4915100000001", name="Ann Lee", created_at=clock.now())
    db.session.add(ann)
    db.session.flush()
    attributes.put(db.session, here.workspace_id, {ann.id: {"city": "Lima"}})
    db.session.commit()
    return template, flow_id


def _one(opened: tuple[TemplateMessage, str], number: str, **parameters: str) -> dict[str, str]:
    template, flow_id = opened
    sent = doors.send_one(
        template.workspace_id, template.id, Door.OUTBOUND, country="", number=number, parameters=parameters, flow_id=flow_id,
        opted_in=True, user_id=None, client_key=number,
    )  # fmt: skip
    return sent.content["parameters"]


def _batch(opened: tuple[TemplateMessage, str], text: str) -> Batch:
    template, flow_id = opened
    batch = batches.create(
        template.workspace_id, template.id, Door.OUTBOUND, flow_id=flow_id, file=io.BytesIO(text.encode()), file_name="a.csv", user_id=None
    )
    reading.run(batch.id)
    return worlds.reload(batch)


def _parameters() -> list[dict[str, str]]:
    db.session.rollback()
    return [row.content["parameters"] for row in db.session.query(Message).filter_by(direction="out").order_by(Message.number)]


def test_one_message_is_filled_in_by_its_contact_and_what_was_typed_wins(opened: tuple[TemplateMessage, str]) -> None:
    assert _one(opened, "+4915100000001", code="7") == {"first_name": "Ann", "city": "Lima", "shop": "Blue", "code": "7"}
    assert _one(opened, "+4915100000002", code="7", shop="Red") == {"first_name": "friend", "city": "town", "shop": "Red", "code": "7"}
    with pytest.raises(Invalid) as refused:
        _one(opened, "+4915100000003")
    assert [one.field for one in refused.value.findings] == ["value_code"]


def test_a_file_is_filled_in_by_the_contacts_whose_numbers_it_has(opened: tuple[TemplateMessage, str]) -> None:
    batch = _batch(opened, 'phone,code,city\n+4915100000001,7,\n+4915100000002,8,\n+4915100000003,"a ""city"":""""",Quito\n')
    assert (batch.status, batch.rows, batch.faulty) == ("draft", 3, 0)
    assert _parameters() == [
        {"first_name": "Ann", "city": "Lima", "shop": "Blue", "code": "7"},
        {"first_name": "friend", "city": "town", "shop": "Blue", "code": "8"},
        {"first_name": "friend", "city": "Quito", "shop": "Blue", "code": 'a "city":""'},
    ]


def test_a_row_that_is_mended_is_filled_in_too(opened: tuple[TemplateMessage, str]) -> None:
    batch = _batch(opened, "phone,code\n+491510000000,7\n")
    fault = db.session.query(BatchFault).one()
    assert mending.mend(batch.workspace_id, batch.id, fault.id, "+4915100000001", user_id=None)
    assert _parameters() == [{"first_name": "Ann", "city": "Lima", "shop": "Blue", "code": "7"}]


def test_contacts_of_another_workspace_fill_in_nothing(opened: tuple[TemplateMessage, str]) -> None:
    db.session.add(Workspace(id="wsp_other", name="Other", created_at=clock.now()))
    db.session.flush()
    db.session.query(Contact).update({"workspace_id": "wsp_other"})
    db.session.commit()
    assert _one(opened, "+4915100000001", code="7")["first_name"] == "friend"
