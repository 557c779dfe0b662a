"""A batch before it starts: upload, reading, matching columns, the preview with its faults mended in place."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, g, request, url_for

from flowbuilder.core import moments
from flowbuilder.core.batch import BatchStatus
from flowbuilder.core.countries import fold
from flowbuilder.core.finding import Finding
from flowbuilder.core.media import MEGABYTE, MOST_BYTES
from flowbuilder.core.medium import LINK_COLUMNS
from flowbuilder.core.recipients.columns import COUNTRY, PHONE
from flowbuilder.core.recipients.tables import BYTES_AT_MOST
from flowbuilder.core.template import TemplateContent
from flowbuilder.errors import Invalid
from flowbuilder.services.sending import batches as service
from flowbuilder.services.sending import doors, forecast, mending
from flowbuilder.store import batches
from flowbuilder.store.accounts import Role
from flowbuilder.store.sending import Batch
from flowbuilder.web.forms import Form
from flowbuilder.web.policy import allow
from flowbuilder.web.render import go, is_htmx, render, toast
from flowbuilder.web.sending import bp, entrance
from flowbuilder.web.sending.entrance import Entrance

_FAULTS = 20
_MAX_BYTES = BYTES_AT_MOST + MOST_BYTES + MEGABYTE


@bp.post("/outbound/<template_id>/batches", endpoint="upload")
@allow(Role.TESTER, max_bytes=_MAX_BYTES)
def upload(template_id: str) -> Response | tuple[str, int]:
    return _upload(entrance.of_template(template_id))


@bp.post("/flows/<flow_id>/test/batches", endpoint="trial_upload")
@allow(Role.TESTER, max_bytes=_MAX_BYTES)
def trial_upload(flow_id: str) -> Response | tuple[str, int]:
    return _upload(entrance.of_flow(flow_id, request.args.get("template")))


def _upload(here: Entrance) -> Response | tuple[str, int]:
    form, file = Form(request.form), request.files.get("file")
    flow_id = here.flow.id if here.is_trial else form.text("flow_id", "", required=False) or form.text("flow", "", required=False)
    try:
        if file is None or not file.filename:
            raise Invalid(findings=[Finding("missing", "Choose a CSV or XLSX file first.", field="file")])
        if here.offers_flows and not flow_id:
            raise Invalid(findings=[Finding("missing", "Choose the flow that this message starts.", field="flow")])
        batch = service.create(
            g.workspace_id,
            here.template.id,
            here.door,
            flow_id=flow_id or None,
            medium=here.chosen_medium(form),
            is_linked=here.content.shows_medium and form.value("medium") == "rows",
            country=_country("country_of_all"),
            file=file.stream,
            file_name=file.filename,
            user_id=g.user_id,
        )
    except Invalid as error:
        form.take(error)
        context = {"entry": here, "way": "batch", "form": form, "countries": entrance.country_choices(), "choices": entrance.choices()}
        return render("sending/door.html", "batch" if is_htmx() else None, **context), 422
    return go(url_for("sending.batch", batch_id=batch.id))


@bp.post("/batches/<batch_id>/columns")
@allow(Role.TESTER)
def match_columns(batch_id: str) -> Response:
    batch = service.find(g.workspace_id, batch_id)
    names = needed(batch)
    mapping = {name: request.form.get(f"column_{at}", "") for at, name in enumerate(names)}
    service.match_columns(g.workspace_id, batch_id, mapping, country=_country("country"), user_id=g.user_id)
    return go(url_for("sending.batch", batch_id=batch_id))


def _country(name: str) -> str:
    """The country for all rows, where the file names none."""
    chosen = request.form.get(name, "")
    return chosen if any(chosen == region for region, _label in entrance.country_choices()) else ""


@bp.get("/batches/<batch_id>/faults", endpoint="faults")
@allow(Role.TESTER)
def faults(batch_id: str) -> str:
    batch = service.find(g.workspace_id, batch_id)
    return render("sending/batch.html", "faults", batch=batch, entry=entrance.of_batch(batch), **fault_page(batch))


@bp.post("/batches/<batch_id>/faults/<int:fault_id>")
@allow(Role.TESTER)
def mend(batch_id: str, fault_id: int) -> Response | str | tuple[str, int]:
    """Put a new value into one cell; the counts and the list follow."""
    form = Form(request.form)
    try:
        value = form.text("value", "", required=False, longest=2000)
        is_good = mending.mend(g.workspace_id, batch_id, fault_id, value, user_id=g.user_id)
    except Invalid as error:
        return _mended(batch_id, form, error.findings[0].text, "warning")
    text = "The row is good now and will be sent." if is_good else "Corrected; another cell of this row needs a look."
    return _mended(batch_id, form, text)


def _mended(batch_id: str, form: Form, text: str, level: str = "success") -> Response:
    if not is_htmx():
        return go(url_for("sending.batch", batch_id=batch_id))
    batch = service.find(g.workspace_id, batch_id)
    return toast(render("sending/batch.html", "preview", **preview(batch, form)), text, level)


def reading(batch: Batch) -> dict[str, object]:
    """What a file shows that is being read, or could not be."""
    return {"needed": needed(batch), "countries": entrance.country_choices()}


FAULT_WORDS = {
    "duplicate": "number twice", "ragged": "too many cells", "country_missing": "no country", "country_unknown": "unknown country",
    "country_differs": "number of another country", "phone_missing": "no number", "phone_not_digits": "not a number",
    "phone_shortened": "number cut short", "phone_too_short": "number too short", "phone_too_long": "number too long",
    "phone_impossible": "impossible number", "value_missing": "empty value", "value_line_break": "line break in a value",
    "value_spaces": "too many spaces in a value", "value_sheet_error": "spreadsheet error", "value_formula": "formula, not a value",
    "value_control": "invisible character", "value_too_long": "value too long", "link_malformed": "not a link",
}  # fmt: skip
"""Kinds of faults, as short as the line above their table wants them."""


def preview(batch: Batch, form: Form | None = None) -> dict[str, object]:
    """What a draft shows."""
    shown = {
        "batch": batch,
        "entry": entrance.of_batch(batch),
        "form": form or _chosen(batch),
        "twin": batches.twin(batch),
        **reading(batch),
        "ignored": ignored(batch),
        "leaves_links": leaves_links(batch),
        "good": batches.numbers(batch).queued,
        "zones": [(zone, zone.replace("_", " ")) for zone in moments.zones()],
        "found": forecast.of(batch, days_asked()) if forecast.is_quick(batch) else None,
    } | lineage(batch)
    found = {"time": entrance.time_for(batch), "first": entrance.first_messages(batch)}
    return shown | found | fault_page(batch)


def _lacks_country(batch: Batch, kinds: Sequence[tuple[str, int]]) -> bool:
    """Whether rows are faulty for want of one choice: the country of a file that has no column for it."""
    return COUNTRY not in batch.plan["columns"] and not batch.plan.get("country") and any(code == "country_missing" for code, _ in kinds)


def _chosen(batch: Batch) -> Form:
    """What was chosen for a start at a time that was taken back, or missed."""
    if batch.start_at is None:
        return Form()
    zone = batch.plan.get("zone", "UTC")
    return Form({
        "when": "later", "at": moments.field_value(batch.start_at, zone), "zone": zone, "first": "1" if batch.hold_after else "",
        "stop_at": str(batch.stop_at), "opt_in": "1" if batch.plan.get("opt_in_confirmed_by") == g.user_id else "",
    })  # fmt: skip


def lineage(batch: Batch) -> dict[str, object]:
    """The batch whose failed rows this one sends to again, and the batches that do so for it."""
    return {"origin": batches.find(batch.workspace_id, batch.retry_of) if batch.retry_of else None, "retries": batches.retries(batch)}


def days_asked() -> int:
    return request.values.get("days", forecast.DAYS, type=int)


def ignored(batch: Batch) -> list[str]:
    """Columns of the file that the message does not use."""
    used = set((batch.plan.get("columns") or {}).values())
    return [header for header in batch.plan.get("headers") or () if header and header not in used]


def leaves_links(batch: Batch) -> bool:
    """Whether a file with links is sent with one medium for everybody: hardly what somebody wants who wrote them."""
    links = LINK_COLUMNS.get(TemplateContent.from_json(batch.plan["template"]["content"]).kind, ())
    return not batch.is_linked and bool({fold(name) for name in links} & {fold(name) for name in ignored(batch)})


def fault_page(batch: Batch) -> dict[str, object]:
    row, _, last = request.args.get("after", "").partition(".")
    after = (int(row), int(last)) if row.isdecimal() and last.isdecimal() else (0, 0)
    found = batches.faults(batch.id, after=after, limit=_FAULTS + 1)
    following = f"{found[_FAULTS - 1].row}.{found[_FAULTS - 1].id}" if len(found) > _FAULTS else ""
    shown = {"faults": found[:_FAULTS], "following": following, "is_first": after == (0, 0), "can_mend": batch.status == BatchStatus.DRAFT}
    kinds = batches.fault_kinds(batch.id)
    told = {"kinds": kinds, "fault_words": FAULT_WORDS, "asks_country": _lacks_country(batch, kinds)}
    return shown | told | {"fault_after": f"{row}.{last}" if after != (0, 0) else ""}


def needed(batch: Batch) -> list[str]:
    """The columns that a file must have for this message."""
    return [COUNTRY, PHONE, *doors.columns(TemplateContent.from_json(batch.plan["template"]["content"]), is_linked=batch.is_linked)]
