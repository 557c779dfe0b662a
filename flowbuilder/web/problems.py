"""Errors of the API as RFC 9457 problem documents: one sentence for people, and for each field a JSON pointer with its own."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from flask import Response, g, request

from flowbuilder.core.finding import Finding
from flowbuilder.errors import FlowBuilderError, Invalid

ROOT = "/api/v1"
MEDIA_TYPE = "application/problem+json"
_SENTENCES = {
    404: "There is nothing at this address. The document at /api/openapi.json lists all there is.",
    405: "This address does not take this method. The document at /api/openapi.json says which it takes.",
    413: "The body is too large for this address.",
}
_NAMES = {"flow": "flow_id", "template": "outbound_id", "medium": "media"}
"""Where a field of a page has another name than the API gives it."""


def are_wanted() -> bool:
    """Whether it is a program that calls the API."""
    return request.path == ROOT or request.path.startswith(f"{ROOT}/")


def answer(status: int, code: str, text: str, error: FlowBuilderError | None = None) -> Response:
    detail = text if error else _SENTENCES.get(status, text)
    document: dict[str, Any] = {
        "type": f"{request.host_url}api/guide#{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": g.get("request_id", ""),
    }
    if isinstance(error, Invalid) and error.findings:
        document["errors"] = [_error(finding) for finding in error.findings]
    response = Response(json.dumps(document, ensure_ascii=False), status, mimetype=MEDIA_TYPE)
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="FlowBuilder"'
    return response


def _error(finding: Finding) -> dict[str, Any]:
    return {"pointer": pointer(finding.field or ""), "code": finding.code, "detail": finding.text}


def pointer(field: str) -> str:
    """Where a field is in the body: a pointer already, or one of our names of fields."""
    if not field or field.startswith("/"):
        return field
    field = _NAMES.get(field, field)
    if field.startswith("value_"):
        return f"/parameters/{_escaped(field.removeprefix('value_'))}"
    return "/" + "/".join(_escaped(part) for part in field.split("."))


def _escaped(part: str) -> str:
    return part.replace("~", "~0").replace("/", "~1")
