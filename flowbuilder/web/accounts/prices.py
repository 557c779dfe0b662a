"""The prices by which the cost of a batch is foreseen: shown, downloaded, replaced."""

from __future__ import annotations

from flask import Response, flash, g, request, url_for

from flowbuilder import clock
from flowbuilder.core import export
from flowbuilder.core.ratecard import country_names, files
from flowbuilder.errors import Invalid
from flowbuilder.services.accounts import prices as service
from flowbuilder.store.accounts import Role
from flowbuilder.web.accounts import bp
from flowbuilder.web.forms import Form
from flowbuilder.web.policy import allow
from flowbuilder.web.render import go, render

_BYTES = 1024 * 1024


@bp.get("/prices", endpoint="prices")
@allow(Role.VIEWER)
def index() -> str:
    return _page(Form({"currency": "USD", "date": f"{clock.now():%Y-%m-01}"}))


@bp.post("/prices")
@allow(Role.ADMIN, max_bytes=_BYTES + 65536)
def replace_prices() -> tuple[str, int] | Response:
    form, file = Form(request.form), request.files.get("file")
    text = file.read(_BYTES).decode("utf-8", "replace") if file else ""
    said = {"currency": str(form.value("currency")), "day": str(form.value("date")), "source": str(form.value("source"))}
    try:
        card = service.replace(g.workspace_id, text, **said, user_id=g.user_id)
    except Invalid as error:
        form.take(error)
        return _page(form), 422
    flash(f"Costs are foreseen by these {len(card.markets)} markets from now on.", "success")
    return go(url_for("accounts.prices"))


@bp.post("/prices/example")
@allow(Role.ADMIN)
def forget_prices() -> Response:
    service.forget(g.workspace_id, user_id=g.user_id)
    flash("The example prices count again.", "success")
    return go(url_for("accounts.prices"))


@bp.get("/prices.csv")
@allow(Role.VIEWER)
def prices_file() -> Response:
    """The list as it is, to be changed and uploaded again."""
    text = export.BOM + export.lines(files.table(service.of(g.workspace_id)))
    return Response(text, headers={"Content-Disposition": 'attachment; filename="prices.csv"'}, mimetype="text/csv")


def _page(form: Form) -> str:
    faults = [finding.text for finding in form.findings if finding.field == "file"]
    return render("accounts/prices.html", card=service.of(g.workspace_id), form=form, faults=faults, names=country_names())
