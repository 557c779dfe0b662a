"""Deleting: a draft is gone at once, a submitted message is deleted at Meta as well."""

from __future__ import annotations

from flowbuilder.core.review import ReviewStatus, Said
from flowbuilder.errors import Conflict, Invalid, Unavailable
from flowbuilder.services import transaction
from flowbuilder.services.accounts import audit, lines
from flowbuilder.services.outbound import record
from flowbuilder.services.outbound.drafts import delete_draft
from flowbuilder.services.outbound.find import find
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.whatsapp.errors import CloudError, Verdict, WireError

_GONE = (100, 132001)


def delete(workspace_id: str, template_id: str, user_id: str | None) -> None:
    """Delete a message here and at Meta, which keeps the name of an approved one from being used for 30 days."""
    row = find(workspace_id, template_id)
    if row.status == ReviewStatus.DRAFT:
        delete_draft(workspace_id, template_id, user_id)
        return
    if row.status == ReviewStatus.SUBMITTING:
        raise Conflict("The message is being submitted. Wait until that is known, then delete it.")
    if row.status != ReviewStatus.DELETED:
        _delete_at_meta(row)
    with transaction() as session:
        row = session.get_one(TemplateMessage, template_id, with_for_update=True, populate_existing=True)
        if record.hears(row, Said(event="DELETED")):
            free = f" Meta keeps its name blocked until {row.name_free_at:%d %b %Y}." if row.name_free_at else ""
            record.event(row, "person", "DELETED", f"Deleted here and at Meta.{free}")
            audit.record(session, workspace_id, user_id, "outbound.deleted", row.id, f"Deleted the outbound message {row.name}.")


def _delete_at_meta(row: TemplateMessage) -> None:
    try:
        lines.client(row.line).delete_template(row.wire_name, row.meta_id or "")
    except CloudError as error:
        if error.code in _GONE and not error.subcode:
            return
        if error.verdict is Verdict.FAIL:
            raise Invalid(f"Meta does not delete this message: {error.message or error.details or error.text}") from error
        raise Unavailable(error.text) from error
    except WireError as error:
        raise Unavailable(f"{error.text} The message is not marked as deleted; try again.") from error
