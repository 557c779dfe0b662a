"""The events of a line that could not be taken in: what they say, why not, and what to do with them."""

from __future__ import annotations

from flask import Response, flash, g, url_for

from flowbuilder.services.accounts import lines
from flowbuilder.services.inbound import aside
from flowbuilder.store.accounts import Role
from flowbuilder.web.accounts import bp
from flowbuilder.web.policy import allow
from flowbuilder.web.render import go, render

_SHOWN = 2000


@bp.get("/lines/<line_id>/webhooks")
@allow(Role.ADMIN)
def webhooks(line_id: str) -> str:
    rows = aside.listing(g.workspace_id, line_id)
    shown = [(row, bytes(row.body)[:_SHOWN].decode("utf-8", "replace"), len(row.body)) for row in rows]
    return render("accounts/webhooks.html", line=lines.find(g.workspace_id, line_id), rows=shown, count=aside.count(line_id))


@bp.post("/lines/<line_id>/webhooks/<any(retry, drop):verb>")
@allow(Role.ADMIN)
def webhooks_move(line_id: str, verb: str) -> Response:
    move, words = {"retry": (aside.again, "tried once more"), "drop": (aside.drop, "deleted")}[verb]
    count = move(g.workspace_id, line_id, user_id=g.user_id)
    flash(f"{count:,} {'event is' if count == 1 else 'events are'} {words}.", "success")
    return go(url_for("accounts.webhooks", line_id=line_id))
