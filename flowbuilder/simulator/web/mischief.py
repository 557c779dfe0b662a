"""The page on which things are made to go wrong."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from flowbuilder.simulator.codes import CODES
from flowbuilder.simulator.faults import presets
from flowbuilder.simulator.phones.numbers import pretty
from flowbuilder.simulator.web.pages import render, wants_fragment
from flowbuilder.simulator.world import world

mischief = Blueprint("mischief", __name__)


@mischief.get("/faults")
def faults() -> str:
    return _page()


def _page(problem: str = "", kind: str = "", typed: dict[str, str] | None = None) -> str:
    here = world()
    values = {
        "groups": presets.GROUPS,
        "codes": CODES,
        "seed": here.knobs["seed"],
        "problem": problem,
        "failed": kind,
        "typed": typed or {},
    }
    return render("simulator/faults.html", "rules", rules=[_told(rule) for rule in here.faults.list()], **values)


@mischief.post("/faults/<kind>")
def add(kind: str) -> AnyResponse | tuple[Any, int]:
    form = request.form.to_dict()
    try:
        world().faults.add(presets.read(kind, form))
    except ValueError as error:
        return _answer(str(error), kind, form)
    world().more_news.set()
    return _answer()


@mischief.post("/faults/<int:rule_id>/remove")
def remove(rule_id: int) -> AnyResponse | tuple[Any, int]:
    world().faults.remove(rule_id)
    world().more_news.set()
    return _answer()


@mischief.post("/faults/heal")
def heal() -> AnyResponse | tuple[Any, int]:
    world().faults.set([])
    world().more_news.set()
    return _answer()


@mischief.post("/faults/seed")
def sow() -> AnyResponse | tuple[Any, int]:
    text = request.form.get("seed", "").strip()
    if not text.isdecimal() or len(text) > 9:
        return _answer("The seed must be a whole number of up to nine digits.", "seed", {"seed": text})
    world().knobs.turn({"seed": int(text)})
    return _answer()


def _answer(problem: str = "", kind: str = "", typed: dict[str, str] | None = None) -> AnyResponse | tuple[Any, int]:
    if wants_fragment():
        return ({"error": problem}, 422) if problem else Response(status=204)
    return (_page(problem, kind, typed), 422) if problem else redirect(url_for("mischief.faults"), 303)


def _told(rule: dict[str, Any]) -> dict[str, Any]:
    """A rule in words: what it does and within which bounds."""
    preset = presets.BY_KIND[rule["kind"]]
    facts = []
    if "code" in preset.asks:
        facts.append(f"{rule['code']} {CODES[rule['code']][1]}")
    if "rate" in preset.asks:
        facts.append(f"above {rule['rate']} a second")
    if "seconds" in preset.asks:
        facts.append(f"{rule['seconds']:g} s")
    if rule["after"]:
        facts.append(f"begins after {rule['after']:g} s")
    if "chance" in preset.asks and rule["chance"] < 1:
        facts.append(f"{rule['chance'] * 100:g} %")
    if rule["skip"]:
        facts.append(f"spares the first {rule['skip']}")
    if rule["times"] and "times" in preset.asks:
        facts.append(f"at most {rule['times']} times")
    if rule["to"]:
        facts.append(f"only {pretty(rule['to'])}")
    return rule | {"label": preset.label, "facts": facts}
