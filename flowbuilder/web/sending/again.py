"""Unconfirmed messages sent once more by a person's decision: one row of a batch, or all of them."""

from __future__ import annotations

from flask import Response, flash, g, url_for

from flowbuilder.core.batch import BatchStatus
from flowbuilder.services.sending import again, batches
from flowbuilder.store.accounts import Role
from flowbuilder.web.policy import allow
from flowbuilder.web.render import go
from flowbuilder.web.sending import bp, recipients


@bp.post("/batches/<batch_id>/recipients/<int:message_id>/resend")
@allow(Role.TESTER)
def resend_row(batch_id: str, message_id: int) -> Response | str:
    had_finished = batches.find(g.workspace_id, batch_id).status == BatchStatus.FINISHED
    again.resend(g.workspace_id, message_id, user_id=g.user_id, batch_id=batch_id)
    return go(url_for("sending.batch", batch_id=batch_id)) if had_finished else recipients.table(batch_id)


@bp.post("/batches/<batch_id>/resend")
@allow(Role.TESTER)
def resend_all(batch_id: str) -> Response:
    count = again.resend_all(g.workspace_id, batch_id, user_id=g.user_id)
    flash(f"{count:,} unconfirmed {'message is' if count == 1 else 'messages are'} sent again.", "success")
    return go(url_for("sending.batch", batch_id=batch_id))
