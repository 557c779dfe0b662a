"""The page of the number itself: its speed and reach, and news about it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from flowbuilder.simulator.network import announcements, events
from flowbuilder.simulator.sending.limits import TIERS
from flowbuilder.simulator.web.pages import render, wants_fragment
from flowbuilder.simulator.world import world

number = Blueprint("number", __name__)


@number.get("/number")
def standing() -> str:
    return _page()


def _page(problem: str = "") -> str:
    return render("simulator/number.html", "number", kinds=announcements.KINDS, tiers=TIERS, knobs=world().knobs.all(), problem=problem)


@number.post("/number/standing")
def turn() -> AnyResponse | tuple[Any, int]:
    here, form = world(), request.form
    before = here.knobs.all()
    try:
        here.knobs.turn({"throughput": 1000 if form.get("throughput") == "HIGH" else 80, "tier": form.get("tier", "")})
    except ValueError as error:
        return _answer(str(error))
    with here.store.write() as conn:
        events.account(here, conn, before)
    here.more_news.set()
    return _answer()


@number.post("/number/news")
def tell() -> AnyResponse | tuple[Any, int]:
    try:
        announcements.announce(world(), request.form.get("kind", ""))
    except ValueError as error:
        return _answer(str(error))
    return _answer()


def _answer(problem: str = "") -> AnyResponse | tuple[Any, int]:
    if wants_fragment():
        return ({"error": problem}, 422) if problem else Response(status=204)
    return (_page(problem), 422) if problem else redirect(url_for("number.standing"), 303)
