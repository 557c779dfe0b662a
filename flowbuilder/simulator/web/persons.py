"""What people see of the provider of validations, whose page they open by the link, and the list of all of them."""

from __future__ import annotations

import time
from typing import Any

from flask import Blueprint, Response, abort, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from flowbuilder.simulator import provider
from flowbuilder.simulator.web.pages import render, wants_fragment
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
    return render("simulator/validation.html", "state", row=row)


@persons.post("/validations/<id>/show")
def show(id: str) -> AnyResponse | tuple[Any, int]:
    _find(id)
    provider.show(world(), id)
    return _answer(id)


@persons.post("/validations/<id>/decide")
def decide(id: str) -> AnyResponse | tuple[Any, int]:
    _find(id)
    status, reason = request.form.get("status", ""), request.form.get("reason", "").strip()
    if status not in ("approved", "rejected", "expired"):
        abort(422, "Choose how it ends.")
    problem = "Say why it is rejected." if status == "rejected" and not reason else ""
    if not problem:
        provider.decide(world(), id, status, reason if status == "rejected" else "")
    return _answer(id, problem)


def _answer(id: str, problem: str = "") -> AnyResponse | tuple[Any, int]:
    if wants_fragment():
        return ({"error": problem}, 422) if problem else Response(status=204)
    if problem:
        return render("simulator/validation.html", "", row=_shown(_find(id)), problem=problem), 422
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
        told = "has been told the result" if row["due_at"] is None else "is being told the result"
        told = f"has not taken it ({row['problem']})" if row["problem"] else told
    when = time.strftime("%H:%M:%S", time.localtime(row["created_at"]))
    return dict(row) | {
        "label": label, "things": things, "done": things[: row["shown"]], "thing": next(iter(things[row["shown"] :]), ""),
        "is_late": row["expires_at"] < time.time(), "told": told, "time": when,
    }  # fmt: skip
