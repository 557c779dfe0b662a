"""The two doors: Outbound messages > Send, and Test conversation of a flow; and the single message of both."""

from __future__ import annotations

from flask import Response, g, request, url_for

from flowbuilder.core import countries, phone
from flowbuilder.core.media import MEGABYTE, MOST_BYTES
from flowbuilder.core.phone import Phone, PhoneFault
from flowbuilder.errors import Invalid
from flowbuilder.services.flows import trials
from flowbuilder.services.sending import doors
from flowbuilder.store import new_id
from flowbuilder.store.accounts import Role
from flowbuilder.web.forms import Form
from flowbuilder.web.policy import allow
from flowbuilder.web.render import go, is_htmx, render
from flowbuilder.web.sending import bp, entrance
from flowbuilder.web.sending.entrance import Entrance

_WAYS = ("single", "batch")
_MAX_BYTES = MOST_BYTES + MEGABYTE


@bp.get("/outbound/<template_id>/send", endpoint="send")
@allow(Role.TESTER)
def send(template_id: str) -> str:
    return page(entrance.of_template(template_id))


@bp.get("/flows/<flow_id>/test", endpoint="trial")
@allow(Role.TESTER)
def trial(flow_id: str) -> str:
    return page(entrance.of_flow(flow_id, request.args.get("template")))


@bp.post("/outbound/<template_id>/send", endpoint="send_one")
@allow(Role.TESTER, max_bytes=_MAX_BYTES)
def send_one(template_id: str) -> Response | tuple[str, int]:
    return _send(entrance.of_template(template_id))


@bp.post("/flows/<flow_id>/test", endpoint="trial_send_one")
@allow(Role.TESTER, max_bytes=_MAX_BYTES)
def trial_send_one(flow_id: str) -> Response | tuple[str, int]:
    return _send(entrance.of_flow(flow_id, request.args.get("template")))


@bp.post("/flows/<flow_id>/test/phrase", endpoint="try_phrase")
@allow(Role.TESTER)
def try_phrase(flow_id: str) -> Response | tuple[str, int]:
    """Let the draft answer one number's phrases for a while."""
    here, form = entrance.of_flow(flow_id, None), Form(request.form)
    try:
        trials.allow(g.workspace_id, flow_id, form.text("phone", "a phone number", longest=60), user_id=g.user_id)
    except Invalid as error:
        form.take(error)
        return page(here, form), 422
    return go(here.url())


@bp.get("/outbound/<template_id>/send/preview")
@allow(Role.TESTER)
def preview(template_id: str) -> str:
    """The message as it will be read, with what was typed so far; ``anew``: with the fields for the flow that was chosen."""
    flow_id = request.args.get("of_flow", "")
    here = entrance.of_flow(flow_id, template_id) if flow_id else entrance.of_template(template_id)
    block = "chosen" if "anew" in request.args else "read"
    return render("sending/door.html", block, entry=here, form=Form(request.args))


@bp.get("/sending/phone")
@allow(Role.TESTER)
def check_phone() -> str:
    """What is typed, formatted for its country and judged; nothing is called wrong while it may still be unfinished."""
    country, number = request.args.get("country", ""), request.args.get("phone", "")
    return render("sending/_phone.html", **phone_words(country, number))


def page(here: Entrance, form: Form | None = None) -> str:
    way = request.args.get("way", "single")
    return render("sending/door.html", **_context(here, way if way in _WAYS else "single", form))


def _context(here: Entrance, way: str, form: Form | None = None) -> dict[str, object]:
    if form is None:
        home = entrance.home_country(here.template) if here.template else ""
        sample = here.content.fitting_sample
        form = Form({"country": home, "client_key": new_id("one"), "flow": _likely_flow(here), "medium": sample.file if sample else ""})
    words = phone_words(str(form.value("country")), str(form.value("phone")))
    return {
        "entry": here,
        "way": way,
        "form": form,
        "countries": entrance.country_choices(),
        "choices": entrance.choices(),
        "phrases": here.phrases,
        "trials": trials.running(g.workspace_id, here.flow.id) if here.is_trial else [],
        **words,
    }


def _likely_flow(here: Entrance) -> str:
    """The one that the address names, or the first."""
    ids = [id for id, _name in here.flows()] if here.offers_flows else []
    named = request.args.get("flow", "")
    return named if named in ids else next(iter(ids), "")


def _send(here: Entrance) -> Response | tuple[str, int]:
    form = Form(request.form)
    flow_id = here.flow.id if here.is_trial else (form.text("flow_id", "", required=False) or form.text("flow", "", required=False))
    try:
        sent = doors.send_one(
            g.workspace_id, here.template.id, here.door,
            **entrance.number_in(form),
            parameters={name: str(form.value(f"value_{name}")).strip() for name, _example in here.variables},
            flow_id=flow_id, medium=here.chosen_medium(form), opted_in=bool(form.value("opt_in")), user_id=g.user_id,
            client_key=form.text("client_key", "the form's key", longest=60),
        )  # fmt: skip
    except Invalid as error:
        form.take(error)
        if is_htmx():
            return render("sending/door.html", "single", **_context(here, "single", form)), 422
        return page(here, form), 422
    return go(url_for("sending.message", message_id=sent.id))


def phone_words(country: str, number: str) -> dict[str, object]:
    told = phone.region_told(number)
    country = told or country
    code = countries.calling_code(country) if country else None
    example = next((c.example for c in countries.all_countries() if c.region == country), "")
    found = phone.read(country, number) if number.strip() else None
    unfinished = found in (PhoneFault.TOO_SHORT, PhoneFault.MISSING, None)
    return {
        "phone_good": phone.pretty(found.e164) if isinstance(found, Phone) else "",
        "phone_fault": "" if unfinished or isinstance(found, Phone) else found.text,
        "phone_unfinished": found is PhoneFault.TOO_SHORT,
        "phone_shown": phone.as_typed(country, number) if number.strip() else "",
        "phone_region": told,
        "phone_example": example,
        "phone_code": code,
    }  # fmt: skip
