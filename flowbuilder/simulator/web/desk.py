"""The reviewer's desk, the ledger and the mailbox."""

from __future__ import annotations

import json
import time
from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from flowbuilder.simulator import catalog, ledger, mailbox
from flowbuilder.simulator.graph_api.uploads import sample_of
from flowbuilder.simulator.phones.numbers import pretty
from flowbuilder.simulator.reviewer import decisions
from flowbuilder.simulator.reviewer.definition import VARIABLE
from flowbuilder.simulator.reviewer.verdicts import REASONS
from flowbuilder.simulator.web.markup import plain
from flowbuilder.simulator.web.pages import render, wants_fragment
from flowbuilder.simulator.world import world

desk = Blueprint("desk", __name__)
_PAGE, _MAILS = 50, 100
_QUALITIES = [("GREEN", "Quality green"), ("YELLOW", "Quality yellow"), ("RED", "Quality red")]
_LOSSES = [("PAUSED", "Paused for low quality"), ("FLAGGED", "Flagged"), ("DISABLED", "Disabled for good"), ("ARCHIVED", "Archived")]
_HAPPENINGS = {
    "APPROVED": _LOSSES + _QUALITIES,
    "PAUSED": [("APPROVED", "Unpaused"), *_LOSSES[2:], *_QUALITIES],
    "REJECTED": [("IN_APPEAL", "The business appeals")],
    "DISABLED": [("IN_APPEAL", "The business appeals"), ("REINSTATED", "Reinstated")],
    "ARCHIVED": [("UNARCHIVED", "Out of the archive")],
}
"""What may happen to a template next, by how it stands."""


@desk.get("/reviewer")
def reviewer() -> str:
    return _reviewer()


def _reviewer(problem: str = "") -> str:
    here, search = world(), request.args.get("search", "").strip()
    show = min(max(request.args.get("show", _PAGE, type=int), _PAGE), 1_000)
    where, values = ("AND instr(name, ?)", [search.lower()]) if search else ("", [])
    rows = here.store.rows(
        f"SELECT * FROM template WHERE deleted_at IS NULL {where} ORDER BY status != 'PENDING', changed_at DESC LIMIT ?",
        [*values, show + 1],
    )
    listed = {
        "templates": [_template(row, here.clock.now()) for row in rows[:show]],
        "more": show + _PAGE if len(rows) > show else None,
        "by_hand": here.knobs["review_by_hand"],
        "seconds": here.knobs["review_seconds"],
    }
    offered = {"reasons": REASONS, "happenings": _HAPPENINGS}
    return render("simulator/reviewer.html", "desk", search=search, show=show, problem=problem, **offered, **listed)


@desk.post("/reviewer/settings")
def reviewer_settings() -> AnyResponse | tuple[Any, int]:
    here, form = world(), request.form
    try:
        here.knobs.turn({"review_by_hand": form.get("by_hand") == "1", "review_seconds": float(form.get("seconds") or 4)})
    except ValueError:
        return _answer("Type a number of seconds from 0 to 172800.")
    if not here.knobs["review_by_hand"]:
        decisions.resume_automatic(here)
    return _answer("")


@desk.post("/reviewer/<int:template_id>/<verb>")
def decide(template_id: int, verb: str) -> AnyResponse | tuple[Any, int]:
    here, form = world(), request.form
    try:
        if verb == "approve":
            decisions.approve(here, template_id)
        elif verb == "reject":
            decisions.reject(here, template_id, form.get("reason", ""), form.get("why", "").strip(), form.get("recommendation", "").strip())
        else:
            _happen(template_id, form.get("event", ""))
    except ValueError as error:
        return _answer(str(error))
    return _answer("")


def _happen(template_id: int, event: str) -> None:
    here = world()
    with here.store.write() as conn:
        row = catalog.one(conn, template_id)
        if row is None or (event not in catalog.EVENTS and event not in ("GREEN", "YELLOW", "RED")):
            raise ValueError("Choose what shall happen to this template.")
        if event in catalog.EVENTS:
            catalog.move(here, conn, row, event)
        else:
            catalog.rate(here, conn, row, event)
    here.more_news.set()


def _answer(problem: str) -> AnyResponse | tuple[Any, int]:
    if wants_fragment():
        return ({"error": problem}, 422) if problem else Response(status=204)
    return (_reviewer(problem), 422) if problem else redirect(url_for("desk.reviewer"), 303)


def _template(row: Any, now: float) -> dict[str, Any]:
    definition = catalog.definition(row)
    header = definition.component("HEADER") or {}
    return {
        "id": row["id"],
        "name": row["name"],
        "language": row["language"],
        "category": row["category"],
        "previous": row["previous_category"],
        "status": row["status"],
        "reason": row["reason"],
        "rejection": json.loads(row["rejection"]) if row["rejection"] else None,
        "quality": row["quality"],
        "header": header.get("text") or (f"[{header['format'].lower()}]" if header else ""),
        "sample": _sample(header),
        "body": VARIABLE.sub(lambda match: f"[{match[1]}]", definition.body),
        "footer": definition.footer,
        "buttons": [button.get("text") or "Copy code" for button in definition.buttons],
        "wait": max(0, round(row["review_at"] - now)) if row["review_at"] else None,
        "changed": time.strftime("%d %b %H:%M", time.localtime(row["changed_at"])),
    }


def _sample(header: dict[str, Any]) -> dict[str, Any] | None:
    """The medium that was uploaded for the reviewer's eyes, as the chat shows media."""
    handles = (header.get("example") or {}).get("header_handle") or [""]
    upload = sample_of(str(handles[0]))
    return {"kind": header["format"].lower(), "media": upload["id"], "filename": upload["name"]} if upload else None


@desk.get("/mailbox")
def mails() -> str:
    here, search = world(), request.args.get("search", "").strip()
    found = mailbox.latest(here.store, search=search, limit=_MAILS)
    shown = [one | {"time": time.strftime("%d %b %H:%M:%S", time.localtime(one["at"]))} for one in found]
    return render("simulator/mailbox.html", "mails", mails=shown, search=search, port=here.mail_port)


@desk.post("/mailbox/empty")
def empty_mailbox() -> AnyResponse:
    mailbox.clear(world().store)
    return redirect(url_for("desk.mails"), 303)


@desk.get("/ledger")
def book_of_account() -> str:
    here, search = world(), request.args.get("search", "").strip()
    before = request.args.get("before", type=int)
    rows = ledger.latest(here.store, before=before, search=search, limit=_PAGE + 1)
    waiting = here.store.rows("SELECT * FROM webhook ORDER BY at, id LIMIT 8")
    return render(
        "simulator/ledger.html",
        "book",
        summary=ledger.summary(here.store),
        messages=[_message(row) for row in rows[:_PAGE]],
        older=rows[_PAGE - 1]["id"] if len(rows) > _PAGE else None,
        before=before,
        search=search,
        waiting=[dict(row) | {"wait": max(0, round(row["at"] - here.clock.now()))} for row in waiting],
        knobs=here.knobs.all(),
    )


def _message(row: dict[str, Any]) -> dict[str, Any]:
    content = json.loads(row["content"])
    return row | {
        "number": pretty(row["wa_id"]),
        "text": plain(" ".join(str(content.get("body") or content.get("caption") or row["kind"]).split()))[:80],
        "time": time.strftime("%d %b %H:%M:%S", time.localtime(row["created_at"])),
    }
