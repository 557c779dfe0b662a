"""The pages: virtual phones, the reviewer's desk, the ledger. Forms work without script; with it they do not reload."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as AnyResponse

from flowbuilder.simulator.codes import GraphError
from flowbuilder.simulator.graph_api.uploads import file_of
from flowbuilder.simulator.phones import actions, attaching, book
from flowbuilder.simulator.web import chat
from flowbuilder.simulator.world import world

pages = Blueprint("pages", __name__)
_SHOWN_AT_ONCE, _SHOWN_AT_MOST = 40, 2_000


def render(template: str, part: str, **values: Any) -> str:
    """The page, or the one block of it that a live region asks for by ``?part=``."""
    here = world()
    values |= {"settings": here.settings, "active_faults": len(here.faults.list()), "page": request.path}
    if request.args.get("part") != part:
        return render_template(template, **values)
    current_app.update_template_context(values)
    page = current_app.jinja_env.get_template(template)
    return "".join(page.blocks[part](page.new_context(values)))


def wants_fragment() -> bool:
    return request.headers.get("X-Quiet") == "1"


@pages.get("/")
def phones() -> str:
    return render("simulator/phones.html", "chats", phone=None, items=[], **_chats())


@pages.get("/phones/<int:number>")
def phone(number: int) -> AnyResponse | str | tuple[str, int]:
    if found := _known(str(number)):
        return _phone(found) if found == str(number) else redirect(url_for("pages.phone", number=found))
    values = {"phone": None, "items": [], "problem": "There is no such phone yet: open it first.", "number": f"+{number}"}
    return render("simulator/phones.html", "chats", **values, **_chats()), 404


def _known(number: str) -> str:
    """The account behind a number as people dial it; empty when there is no such phone."""
    try:
        row = book.find(world().store, number)
    except GraphError:
        return ""
    return row["wa_id"] if row else ""


@pages.post("/phones")
def open_phone() -> AnyResponse | tuple[str, int]:
    try:
        wa_id = actions.open_phone(world(), request.form.get("number", ""))
    except (GraphError, actions.Refused) as error:
        problem = "Type a whole number with its country code, such as +44 7400 123456." if isinstance(error, GraphError) else str(error)
        values = {"phone": None, "items": [], "problem": problem, "number": request.form.get("number", "")}
        return render("simulator/phones.html", "", **values, **_chats()), 422
    return redirect(url_for("pages.phone", number=wa_id, text=request.form.get("text") or None), 303)


@pages.post("/phones/<int:number>/<verb>")
def act(number: int, verb: str) -> AnyResponse | tuple[Any, int]:
    """One action of the phone's owner; the answer is nothing (script) or the chat again (no script)."""
    wa_id, form = str(number), request.form
    try:
        _do(wa_id, verb, form)
    except (actions.Refused, GraphError) as error:
        sentence = getattr(error, "details", "") or str(error)
        return ({"error": sentence}, 422) if wants_fragment() else (_phone(wa_id, problem=sentence), 422)
    return Response(status=204) if wants_fragment() else redirect(url_for("pages.phone", number=wa_id), 303)


def _do(wa_id: str, verb: str, form: Any) -> None:
    here, is_on = world(), form.get("on") == "1"
    match verb:
        case "say":
            actions.say(here, wa_id, form.get("text", ""))
        case "tap":
            actions.tap(here, wa_id, form.get("wamid", ""), form.get("choice", ""))
        case "location":
            actions.share_location(here, wa_id, 51.4779, -0.0015, "Royal Observatory")
        case "attach":
            file = request.files.get("file")
            if file is None or not file.filename:
                raise actions.Refused("Choose a file first.")
            told = {"mime": file.mimetype, "name": file.filename, "caption": form.get("caption", "").strip()}
            attaching.attach(here, wa_id, form.get("kind", ""), file.read(), **told, host=request.host_url)
        case "place":
            attaching.share_place(here, wa_id, form.get("latitude", ""), form.get("longitude", ""), form.get("name", ""))
        case "online":
            actions.go_online(here, wa_id, online=is_on)
        case "block":
            actions.block(here, wa_id, blocked=is_on)
        case "stop":
            actions.stop_marketing(here, wa_id, stopped=is_on)
        case "username":
            actions.name_user(here, wa_id, form.get("username", ""))
        case _:
            raise actions.Refused("A phone cannot do that.")


def _phone(wa_id: str, problem: str = "") -> str:
    here = world()
    row = here.store.row("SELECT * FROM phone WHERE wa_id = ?", (wa_id,))
    if row is None:
        abort(404)
    if request.args.get("part") == "messages":  # asked for by a page that is seen, not by one in a tab behind others
        actions.watch(here, row)
    now = here.clock.now()
    values = {"phone": chat.header(here.store, row, now), "items": chat.items(here.store, row["wa_id"]), "problem": problem}
    values["attachable"] = attaching.choices()
    part = request.args.get("part", "")
    return render("simulator/phones.html", part if part in ("chats", "messages", "owner", "seen") else "", **values, **_chats())


def _chats() -> dict[str, Any]:
    here, search = world(), request.args.get("search", "")
    if request.args.get("part") in ("messages", "owner", "seen"):
        return {"chats": []}
    show = min(max(request.args.get("show", _SHOWN_AT_ONCE, type=int), _SHOWN_AT_ONCE), _SHOWN_AT_MOST)
    rows = book.page(here.store, search=search, limit=show + 1)
    now = here.clock.now()
    return {
        "chats": [chat.list_item(row, now) for row in rows[:show]],
        "search": search,
        "show": show,
        "more": show + _SHOWN_AT_ONCE if len(rows) > show else None,
        "knobs": here.knobs.all(),
        "known": here.store.value("SELECT count(*) FROM phone"),
        "chats_url": request.path,
        "text": request.values.get("text", "")[:4096],
    }


@pages.post("/phones/reading")
def read_unopened() -> AnyResponse:
    """Whether people read what nobody opens here: without it a batch would never be read."""
    world().knobs.turn({"auto_read": 1.0 if request.form.get("on") == "1" else 0.0})
    return Response(status=204) if wants_fragment() else redirect(url_for("pages.phones"), 303)


@pages.get("/media/<media_id>")
def media(media_id: str) -> AnyResponse | tuple[str, int]:
    """An uploaded medium, for the chat."""
    row = world().store.row("SELECT * FROM upload WHERE id = ? AND done = 1", (media_id,))
    if row is None:
        return "That medium is gone.", 404
    is_picture = row["mime"] in ("image/jpeg", "image/png", "image/webp", "video/mp4", "audio/mpeg", "audio/mp4", "audio/ogg", "audio/aac")
    return send_file(file_of(media_id), mimetype=row["mime"], as_attachment=not is_picture, download_name=row["name"] or media_id)
