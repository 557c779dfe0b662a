"""Importing contacts: the upload, the preview with its faults, and how far it came."""

from __future__ import annotations

from flask import Response, g, request, url_for

from flowbuilder.core import export
from flowbuilder.core.finding import Finding
from flowbuilder.errors import Invalid
from flowbuilder.services.contacts import importing
from flowbuilder.store.accounts import Role
from flowbuilder.store.consent import ContactImport
from flowbuilder.web.contacts.blueprint import bp
from flowbuilder.web.contacts.pages import COLUMNS, CONSENTS
from flowbuilder.web.files import csv
from flowbuilder.web.forms import Form
from flowbuilder.web.policy import allow
from flowbuilder.web.render import go, is_htmx, render

_MAX_BYTES = 101 * 1024 * 1024
_EXAMPLE = ["49", "1512 3456789", "Ann", "opted in", "Newsletter form", "2026-05-31"]


@bp.get("/contacts/import", endpoint="import")
@allow(Role.DESIGNER)
def ask() -> str:
    return render("contacts/import.html", form=Form(), recent=importing.recent(g.workspace_id))


@bp.get("/contacts/import.csv", endpoint="import_example")
@allow(Role.DESIGNER)
def example() -> Response:
    return csv([export.lines([COLUMNS[: len(_EXAMPLE)], _EXAMPLE])], "contacts")


@bp.post("/contacts/import", endpoint="import_upload")
@allow(Role.DESIGNER, max_bytes=_MAX_BYTES)
def upload() -> Response | tuple[str, int]:
    form, file = Form(), request.files.get("file")
    try:
        if file is None or not file.filename:
            raise Invalid(findings=[Finding("missing", "Choose a CSV or XLSX file first.", field="file")])
        made = importing.create(g.workspace_id, file=file.stream, file_name=file.filename, user_id=g.user_id)
    except Invalid as error:
        form.take(error)
        return render("contacts/import.html", form=form, recent=importing.recent(g.workspace_id)), 422
    return go(url_for("contacts.import_show", import_id=made.id))


@bp.get("/contacts/imports/<import_id>", endpoint="import_show")
@allow(Role.DESIGNER)
def show(import_id: str) -> str:
    return _page(importing.find(g.workspace_id, import_id))


@bp.post("/contacts/imports/<import_id>/start", endpoint="import_start")
@allow(Role.DESIGNER)
def start(import_id: str) -> Response:
    importing.start(g.workspace_id, import_id, user_id=g.user_id)
    return go(url_for("contacts.import_show", import_id=import_id))


@bp.post("/contacts/imports/<import_id>/columns", endpoint="import_columns")
@allow(Role.DESIGNER)
def columns(import_id: str) -> Response:
    importing.keep_columns(g.workspace_id, import_id, request.form.getlist("kept"))
    return go(url_for("contacts.import_show", import_id=import_id))


def _page(made: ContactImport) -> str:
    return render("contacts/imported.html", "moving" if is_htmx() else None, made=made, consents=CONSENTS)
