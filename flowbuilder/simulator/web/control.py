"""The control API for tests, under ``/_sim``: JSON in, JSON out, faults as 400 with ``{"error": sentence}``.

    GET  /_sim/health                                     is it there; the clock
    GET  /_sim/ledger                                     summary: accepted, refused by code, statuses, doubled, webhooks_waiting
    GET  /_sim/ledger/callbacks|recipients ?doubled=1     accepted messages counted by callback data | by account
    GET  /_sim/ledger/messages ?after=&limit=&search=     accepted messages in order
    GET  /_sim/knobs    POST {name: value, …}             everything that can be turned (settings.KNOBS)
    GET  /_sim/faults   POST {"rules": [{"kind": …}, …]}  replaces all rules (faults.rules); [] heals
    POST /_sim/news {"kind": …}                           news about number and account (announcements.KINDS)
    POST /_sim/clock {"advance": seconds}                 pushes the simulated time
    GET  /_sim/webhooks                                   what still waits to be told, and why
    POST /_sim/webhooks/drain {"seconds": 10}             waits until nothing is left to tell; {"drained": bool}
    GET  /_sim/phones ?search=                            phones;  GET /_sim/phones/<number> one with its chat
    POST /_sim/phones/<number>/say {"text": …, "quoting"?: wamid}
    POST /_sim/phones/<number>/tap {"title": …, "wamid"?: …}      by title, id or payload; newest message that offers it
    POST /_sim/phones/<number>/set {"online", "blocked", "stopped": bool, "username": text}
    POST /_sim/phones/<number>/send {"kind": "location"|"reaction"|"unsupported", …}; files by the page's own form
    GET  /_sim/templates                                  all, with their review
    POST /_sim/templates/<id>/approve | /reject {"reason", "why"?, "recommendation"?}
    POST /_sim/templates/<id>/event {"event": "PAUSED"…} or {"quality": …} or {"category": …, "announce"?: true}

Phones are named by any number that can be dialled, with or without the plus.
"""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, jsonify, request

from flowbuilder.simulator import catalog, ledger
from flowbuilder.simulator.codes import GraphError
from flowbuilder.simulator.graph_api.templates import document
from flowbuilder.simulator.network import announcements, events, postman
from flowbuilder.simulator.phones import actions, book
from flowbuilder.simulator.reviewer import decisions
from flowbuilder.simulator.world import world

control = Blueprint("control", __name__, url_prefix="/_sim")


@control.errorhandler(actions.Refused)
@control.errorhandler(ValueError)
@control.errorhandler(GraphError)
def refused(error: Exception) -> tuple[Response, int]:
    return jsonify(error=getattr(error, "details", "") or str(error)), 400


def _sent() -> dict[str, Any]:
    document = request.get_json(silent=True)
    if not isinstance(document, dict):
        raise ValueError("Send a JSON object.")
    return document


@control.get("/health")
def health() -> Response:
    return jsonify(status="ok", now=world().clock.now(), number=world().settings.number)


@control.get("/ledger")
def summary() -> Response:
    return jsonify(ledger.summary(world().store))


@control.get("/ledger/callbacks")
def by_callback() -> Response:
    return jsonify(ledger.counts(world().store, "callback", doubled="doubled" in request.args))


@control.get("/ledger/recipients")
def by_recipient() -> Response:
    return jsonify(ledger.counts(world().store, "recipient", doubled="doubled" in request.args))


@control.get("/ledger/messages")
def accepted_messages() -> Response:
    arguments = {"after": request.args.get("after", 0, type=int), "limit": min(request.args.get("limit", 500, type=int), 10_000)}
    return jsonify(ledger.messages(world().store, **arguments, search=request.args.get("search", "")))


@control.get("/knobs")
def knobs() -> Response:
    return jsonify(world().knobs.all())


@control.post("/knobs")
def turn_knobs() -> Response:
    here, changes = world(), _sent()
    before = here.knobs.all()
    here.knobs.turn(changes)
    with here.store.write() as conn:
        events.account(here, conn, before)
    if changes.get("review_by_hand") is False:
        decisions.resume_automatic(here)
    here.more_due.set()
    here.more_news.set()
    return jsonify(here.knobs.all())


@control.get("/faults")
def faults() -> Response:
    return jsonify(world().faults.list())


@control.post("/faults")
def set_faults() -> Response:
    world().faults.set(_sent().get("rules", []))
    world().more_news.set()
    return jsonify(world().faults.list())


@control.post("/news")
def tell_news() -> Response:
    announcements.announce(world(), str(_sent().get("kind", "")))
    return jsonify(told=True)


@control.post("/clock")
def advance_clock() -> Response:
    here = world()
    here.clock.advance(float(_sent().get("advance", 0)))
    here.more_due.set()
    here.more_news.set()
    return jsonify(now=here.clock.now())


@control.get("/webhooks")
def waiting_webhooks() -> Response:
    rows = world().store.rows("SELECT * FROM webhook ORDER BY at, id LIMIT 500")
    return jsonify([dict(row) | {"value": json.loads(row["value"])} for row in rows])


@control.post("/webhooks/drain")
def drain_webhooks() -> Response:
    seconds = min(float((request.get_json(silent=True) or {}).get("seconds", 10)), 60)
    return jsonify(drained=postman.wait_until_carried(world(), seconds))


@control.post("/webhooks/emit")
def emit_webhook() -> Response:
    """Tell any change: for fields that nothing on these pages causes."""
    here, sent = world(), _sent()
    with here.store.write() as conn:
        events.emit(here, conn, str(sent["field"]), sent["value"])
    here.more_news.set()
    return jsonify(told=True)


@control.get("/phones")
def phones() -> Response:
    return jsonify([dict(row) for row in book.page(world().store, search=request.args.get("search", ""), limit=200)])


@control.get("/phones/<number>")
def phone(number: str) -> tuple[Response, int] | Response:
    store = world().store
    row = book.find(store, number)
    if row is None:
        return jsonify(error="Nobody has written to this phone, and it was never opened."), 404
    chat = store.rows("SELECT * FROM message WHERE wa_id = ? ORDER BY id", (row["wa_id"],))
    return jsonify(dict(row) | {"messages": [dict(one) | {"content": json.loads(one["content"])} for one in chat]})


@control.post("/phones/<number>/say")
def say(number: str) -> Response:
    here, sent = world(), _sent()
    return jsonify(wamid=actions.say(here, actions.open_phone(here, number), str(sent.get("text", "")), quoting=sent.get("quoting")))


@control.post("/phones/<number>/tap")
def tap(number: str) -> Response:
    here, sent = world(), _sent()
    wa_id, title = actions.open_phone(here, number), str(sent.get("title", ""))
    wamid = actions.tap(here, wa_id, sent["wamid"], title) if sent.get("wamid") else actions.tap_latest(here, wa_id, title)
    return jsonify(wamid=wamid)


@control.post("/phones/<number>/set")
def set_phone(number: str) -> Response:
    here, sent = world(), _sent()
    wa_id = actions.open_phone(here, number)
    if unknown := set(sent) - {"online", "blocked", "stopped", "username"}:
        raise ValueError(f"A phone has no {', '.join(sorted(unknown))}.")
    if "online" in sent:
        actions.go_online(here, wa_id, online=bool(sent["online"]))
    if "blocked" in sent:
        actions.block(here, wa_id, blocked=bool(sent["blocked"]))
    if "stopped" in sent:
        actions.stop_marketing(here, wa_id, stopped=bool(sent["stopped"]))
    if "username" in sent:
        actions.name_user(here, wa_id, str(sent["username"]))
    return jsonify(dict(book.find(here.store, wa_id)))


@control.post("/phones/<number>/send")
def send_kind(number: str) -> Response:
    here, sent = world(), _sent()
    wa_id = actions.open_phone(here, number)
    match sent.get("kind"):
        case "location":
            wamid = actions.share_location(here, wa_id, float(sent["latitude"]), float(sent["longitude"]), str(sent.get("name", "")))
        case "reaction":
            wamid = actions.react(here, wa_id, str(sent["wamid"]), str(sent.get("emoji", "")))
        case "unsupported":
            wamid = actions.send_unsupported(here, wa_id)
        case other:
            raise ValueError(f"kind must be location, reaction or unsupported, not {other!r}.")
    return jsonify(wamid=wamid)


@control.get("/templates")
def templates() -> Response:
    rows = world().store.rows("SELECT * FROM template WHERE deleted_at IS NULL ORDER BY id DESC LIMIT 1000")
    return jsonify([document(row) | {"review_at": row["review_at"]} for row in rows])


@control.post("/templates/<int:template_id>/approve")
def approve(template_id: int) -> Response:
    decisions.approve(world(), template_id)
    return jsonify(done=True)


@control.post("/templates/<int:template_id>/reject")
def reject(template_id: int) -> Response:
    sent = _sent()
    reason = str(sent.get("reason", "INVALID_FORMAT"))
    decisions.reject(world(), template_id, reason, str(sent.get("why", "")), str(sent.get("recommendation", "")))
    return jsonify(done=True)


@control.post("/templates/<int:template_id>/event")
def template_event(template_id: int) -> Response:
    here, sent = world(), _sent()
    with here.store.write() as conn:
        row = catalog.one(conn, template_id)
        if row is None:
            raise ValueError("There is no such template.")
        if "quality" in sent:
            catalog.rate(here, conn, row, sent["quality"])
        elif "category" in sent:
            change = catalog.announce_category if sent.get("announce") else catalog.recategorise
            change(here, conn, row, sent["category"])
        elif sent.get("event") in catalog.EVENTS:
            catalog.move(here, conn, row, sent["event"], sent.get("reason", "NONE"))
        else:
            raise ValueError(f"event must be one of {', '.join(catalog.EVENTS)}.")
    here.more_news.set()
    return jsonify(done=True)
