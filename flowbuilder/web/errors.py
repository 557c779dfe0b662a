"""Every error as an answer: a page, a toast for htmx, JSON for programs. The only place that maps errors to HTTP."""

from __future__ import annotations

import errno
import logging
import math
from contextlib import suppress
from http import HTTPStatus

from flask import Flask, Response, current_app, g, jsonify, make_response, request
from sqlalchemy.exc import DataError, InterfaceError, OperationalError
from werkzeug.exceptions import HTTPException, SecurityError

from flowbuilder.errors import (
    Conflict,
    FlowBuilderError,
    Full,
    Invalid,
    Malformed,
    NotAllowed,
    NotFound,
    NotKnown,
    TooMany,
    Unavailable,
    WrongType,
)
from flowbuilder.store import db
from flowbuilder.web import problems
from flowbuilder.web.render import is_htmx, render, toast

log = logging.getLogger(__name__)

_STATUS = {
    Malformed: 400, NotKnown: 401, NotAllowed: 403, NotFound: 404, Conflict: 409, WrongType: 415, Invalid: 422, TooMany: 429,
    Unavailable: 503, Full: 507,
}  # fmt: skip
_SENTENCES = {
    400: "The browser sent something that could not be read. Reload the page and try again.",
    403: NotAllowed.text,
    404: "There is nothing at this address. It may have been deleted, or it belongs to another workspace.",
    405: "This address does not do that. Go back and use the buttons of the page.",
    413: "This is too large. Send a smaller file or a shorter text.",
    429: "That was too fast. Wait a moment and try again.",
}


def init_app(app: Flask) -> None:
    app.register_error_handler(FlowBuilderError, told)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(OperationalError, _database)
    app.register_error_handler(InterfaceError, _database)
    app.register_error_handler(DataError, _unstorable)
    app.register_error_handler(OSError, _disk)
    app.register_error_handler(Exception, _unforeseen)


def status_of(error: FlowBuilderError) -> int:
    for kind in type(error).__mro__:
        if kind in _STATUS:
            return _STATUS[kind]
    return 500


def told(error: FlowBuilderError) -> Response:
    status = status_of(error)
    if status >= 500:
        log.error("%s: %s", error.code, error.text, exc_info=error)
    response = _answer(status, error.code, error.text, error)
    if error.retry_after:
        response.headers["Retry-After"] = str(math.ceil(error.retry_after))
    return response


def _database(error: OperationalError | InterfaceError) -> Response:
    """It is away, busy for too long, or has no room: a later try may find it well, and nothing was half done."""
    log.error("The database failed in request %s", g.get("request_id"), exc_info=error)
    with suppress(OperationalError, InterfaceError):
        db.session.rollback()
    return told(Full() if "disk is full" in str(error.orig) or "No space left" in str(error.orig) else Unavailable())


def _disk(error: OSError) -> int | Response:
    """A file found no room, as when somebody uploads one."""
    return told(Full()) if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS) else _unforeseen(error)


def _unstorable(error: DataError) -> Response:
    """PostgreSQL keeps no number so large and no NUL, so nothing can be called that; whoever wants to write it is told."""
    with suppress(OperationalError, InterfaceError):
        db.session.rollback()
    if request.method in ("GET", "HEAD", "DELETE") or "out of range" in str(error.orig):
        return told(NotFound())
    return told(Invalid("A text has a character that cannot be kept (NUL). Take it out and send it again."))


def _http(error: HTTPException) -> Response | HTTPException:
    if error.code is None or error.code < 400 or error.response is not None:
        return error
    if isinstance(error, SecurityError):
        return Response("This host is not served here. Use the address of this installation (PUBLIC_URL).", 400, mimetype="text/plain")
    response = _answer(error.code, HTTPStatus(error.code).name.lower(), _SENTENCES.get(error.code, error.description or ""))
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response


def _unforeseen(error: Exception) -> Response:
    if _propagates():
        raise error
    log.exception("unforeseen error in request %s", g.get("request_id"), exc_info=error)
    return _answer(500, FlowBuilderError.code, FlowBuilderError.text)


def _propagates() -> bool:
    return bool(current_app.testing and current_app.config.get("PROPAGATE_EXCEPTIONS") is not False)


def _answer(status: int, code: str, text: str, error: FlowBuilderError | None = None) -> Response:
    if problems.are_wanted():
        return problems.answer(status, code, text, error)
    if is_htmx():
        response = toast(make_response(text, status), text, "danger")
        response.headers.update({"HX-Reswap": "none", "Content-Type": "text/plain; charset=utf-8"})
        return response
    if request.accept_mimetypes.best == "application/json":
        return _json(status, code, text, error)
    findings = error.findings if isinstance(error, Invalid) else ()
    return make_response(render("_errors.html", status=status, text=text, findings=findings, request_id=g.get("request_id", "")), status)


def _json(status: int, code: str, text: str, error: FlowBuilderError | None) -> Response:
    findings = error.findings if isinstance(error, Invalid) else ()
    problems = [{"code": f.code, "field": f.field, "text": f.text} for f in findings]
    body = {"error": {"code": code, "text": text, "findings": problems, "request_id": g.get("request_id", "")}}
    return make_response(jsonify(body), status)
