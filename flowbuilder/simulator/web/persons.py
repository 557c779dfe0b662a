"""What people see of the provider of validations, whose page they open by the link, and the list of all of them."""

from __future__ import annotations

import time
from typing import Any

from flask import Blueprint, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from flowbuilder.simulator import provider
from flowbuilder.simulator.web.pages import render
from flowbuilder.simulator.world import world

persons = Blueprint("persons", __name__)
_MOST = 200


@persons.get("/validations")
def validations() -> str:
    rows = world().store.rows("SELECT * FROM validation ORDER BY created_at DESC LIMIT ?", (_MOST,))
    return render("simulator/validations.html", "list", rows=[_shown(row) for row in rows])


@persons.get("/validations/<id>")
def validation(id: str) -> str:
    row = _shown(_find(id))
    return render("simulator/validation.html", "", row=row)


@persons.post("/validations/<id>/show")
def show(id: str) -> AnyResponse:
    _find(id)
    provider.show(world(), id)
    return redirect(url_for("persons.validation", id=id), 303)


@persons.post("/validations/<id>/decide")
def decide(id: str) -> AnyResponse | tuple[str, int]:
    row, status = _find(id), request.form.get("status", "")
    reason = request.form.get("reason", "").strip()
    if status not in ("approved", "rejected", "expired"):
        abort(422, "Choose how it ends.")
    if status == "rejected" and not reason:
        return render("simulator/validation.html", "", row=_shown(row), problem="Say why it is rejected."), 422
    provider.decide(world(), id, status, reason if status == "rejected" else "")
    return redirect(url_for("persons.validation", id=id), 303)


def _find(id: str) -> Any:
    row = world().store.row("SELECT * FROM validation WHERE id = ?", (id,))
    if row is None:
        abort(404)
    return row


def _shown(row: Any) -> dict[str, Any]:
    label, things = provider.KINDS[row["kind"]]
    told = ""
    if row["status"] != "waiting":
        told = "told" if row["due_at"] is None and not row["problem"] else row["problem"] or "on its way"
    when = time.strftime("%H:%M:%S", time.localtime(row["created_at"]))
    return dict(row) | {
        "label": label, "things": things, "done": things[: row["shown"]], "thing": next(iter(things[row["shown"] :]), ""),
        "is_late": row["expires_at"] < time.time(), "told": told, "time": when,
    }  # fmt: skip
