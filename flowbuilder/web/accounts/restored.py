"""After a backup was restored: what that means, and the administrator's word that messages may leave again."""

from __future__ import annotations

from flask import Response, flash, g, url_for

from flowbuilder.services import restored
from flowbuilder.store.accounts import Role
from flowbuilder.web.accounts import bp
from flowbuilder.web.policy import allow
from flowbuilder.web.render import go, render


@bp.get("/restored", endpoint="restored")
@allow(Role.ADMIN)
def look() -> str:
    return render("accounts/restored.html", waiting=restored.waiting(g.workspace_id))


@bp.post("/restored")
@allow(Role.ADMIN)
def confirm_restored() -> Response:
    count = restored.confirm(g.workspace_id, user_id=g.user_id)
    flash(f"Messages are sent again. {count:,} from the backup {'is' if count == 1 else 'are'} listed as unconfirmed.", "success")
    return go(url_for("accounts.restored"))
