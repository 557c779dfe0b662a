"""A message that came from elsewhere is put to use as the opening of flows."""

from __future__ import annotations

from flowbuilder.core.opening import as_opening, can_open
from flowbuilder.core.template import TemplateContent
from flowbuilder.errors import Conflict
from flowbuilder.services import transaction
from flowbuilder.services.accounts import audit
from flowbuilder.services.outbound import record
from flowbuilder.services.outbound.find import find
from flowbuilder.store.outbound import TemplateMessage


def open_flows(workspace_id: str, template_id: str, user_id: str | None) -> TemplateMessage:
    """Its first answer continues the conversation from now on, its second finishes it; at Meta nothing changes."""
    with transaction() as session:
        row = find(workspace_id, template_id, locked=True)
        content = TemplateContent.from_json(row.content)
        if row.unheld or not can_open(content):
            raise Conflict("Only a message with two answers, and before all other buttons, can open a flow.")
        row.content, row.conversation = as_opening(content).to_json(), as_opening(content).conversation
        record.event(row, "person", "opens_flows", "It can open flows from now on.")
        audit.record(session, workspace_id, user_id, "outbound.opens_flows", row.id, f"Let {row.name} open flows.")
    return row
