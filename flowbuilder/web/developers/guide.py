"""The guide to the API, its document, and a page to try it."""

from __future__ import annotations

from flask import Response, current_app, jsonify, request

from flowbuilder.core.validations import CHECKS, schema_of_contract
from flowbuilder.store.accounts import Role
from flowbuilder.web.api.document import document
from flowbuilder.web.developers import bp
from flowbuilder.web.policy import allow
from flowbuilder.web.render import render


@bp.get("/guide")
@allow(Role.VIEWER)
def guide() -> str:
    return render("developers/guide.html", address=request.host_url.rstrip("/"))


@bp.get("/validations")
@allow(Role.VIEWER)
def validations() -> str:
    """The contract that providers of validations speak."""
    return render("developers/validations.html", address=request.host_url.rstrip("/"), checks=CHECKS)


@bp.get("/validations.json", endpoint="validations_schema")
@allow(None)
def validations_schema() -> Response:
    """For everybody, as the document of the API."""
    return jsonify(schema_of_contract())


@bp.get("/try", endpoint="try")
@allow(Role.VIEWER)
def try_it() -> str:
    return render("developers/try.html")


@bp.get("/openapi.json", endpoint="openapi")
@allow(None)
def openapi() -> Response:
    """For everybody: it says how to ask, and nothing of what is here."""
    return jsonify(document(current_app._get_current_object(), request.host_url.rstrip("/")))  # type: ignore[attr-defined]
