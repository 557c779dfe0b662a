"""Ending a pause before its time, where Meta lets us: five minutes after it began at the earliest."""

from __future__ import annotations

from flowbuilder.core.review import ReviewStatus, Said
from flowbuilder.errors import Conflict, Unavailable
from flowbuilder.services import transaction
from flowbuilder.services.accounts import audit, lines
from flowbuilder.services.outbound import record
from flowbuilder.services.outbound.find import find
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.whatsapp.errors import WireError


def unpause(workspace_id: str, template_id: str, user_id: str | None) -> TemplateMessage:
    """Ask Meta to end the pause. Raises Conflict with Meta's reason when it does not."""
    row = find(workspace_id, template_id)
    if row.status != ReviewStatus.PAUSED or not row.meta_id:
        raise Conflict("Only a message that Meta has paused can be put back into use.")
    try:
        refusal = lines.client(row.line).unpause_template(row.meta_id)
    except WireError as error:
        raise Unavailable(error.text) from error
    if refusal:
        raise Conflict(f"Meta does not end the pause yet. {refusal}")
    with transaction() as session:
        row = find(workspace_id, template_id, locked=True)
        if record.hears(row, Said(event="APPROVED", at=record.newest(row))):
            record.event(row, "person", "unpaused", "The pause was ended from here.")
            audit.record(session, workspace_id, user_id, "outbound.unpaused", row.id, f"Ended the pause of {row.name}.")
    return row
