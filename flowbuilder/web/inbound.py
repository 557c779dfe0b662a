"""Listens to Meta, and to providers of validations: the addresses that webhooks and results are sent to. No pages.

Meta sends up to four webhooks for each message, so posts take a door of their own, before what pages need (sessions,
people, templates of answers). Whatever is unusual about a request goes the ordinary way, with the same end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import Blueprint, Flask, Response, request
from flask.blueprints import BlueprintSetupState

from flowbuilder.errors import FlowBuilderError, Invalid, NotAllowed, NotFound
from flowbuilder.services.conversations import validations
from flowbuilder.services.inbound import intake
from flowbuilder.web import problems, security
from flowbuilder.web.policy import allow

bp = Blueprint("inbound", __name__)

_PREFIX = "/webhooks/"
_HEADERS = [("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store"), *security.HEADERS.items()]
_PROBLEMS = {NotFound: 404, NotAllowed: 403, Invalid: 422}
_RESULT_BYTES = 64 * 1024
_STATUS = {NotFound: "404 NOT FOUND", NotAllowed: "403 FORBIDDEN"}


@bp.get("/webhooks/<line_id>", endpoint="verify")
@allow(None)
def verify(line_id: str) -> Response:
    """Meta asks whether this address is ours before it sends anything."""
    asked = request.args
    answer = intake.shake_hands(line_id, asked.get("hub.mode", ""), asked.get("hub.verify_token", ""), asked.get("hub.challenge", ""))
    return Response(answer, mimetype="text/plain")


@bp.post("/webhooks/<line_id>")
@allow(None, csrf=False, max_bytes=intake.MAX_BYTES)
def webhook(line_id: str) -> Response:
    intake.receive(line_id, request.get_data(cache=False), request.headers.get("X-Hub-Signature-256"))
    return Response(status=200)


@bp.post("/providers/<provider_id>/results")
@allow(None, csrf=False, max_bytes=_RESULT_BYTES)
def result(provider_id: str) -> Response:
    """What a provider of validations found. Whoever posts it is a program, so errors are problem documents."""
    given = {name.lower(): value for name, value in request.headers.items()}
    try:
        validations.receive(provider_id, given, request.get_data(cache=False))
    except (NotFound, NotAllowed, Invalid) as error:
        return problems.answer(_PROBLEMS[type(error)], error.code, error.text, error)
    return Response(status=200)


class _Door:
    """WSGI: takes plain posts of webhooks, and lets everything else through to Flask."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._inside = app.wsgi_app

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path, length = environ["PATH_INFO"], environ.get("CONTENT_LENGTH") or ""
        if environ["REQUEST_METHOD"] != "POST" or not path.startswith(_PREFIX) or not self._is_plain(environ, length):
            return self._inside(environ, start)
        body = environ["wsgi.input"].read(int(length))
        try:
            intake.of(self._app).receive(path[len(_PREFIX) :], body, environ.get("HTTP_X_HUB_SIGNATURE_256"))
        except FlowBuilderError as error:
            return _answer(start, _STATUS.get(type(error), "503 SERVICE UNAVAILABLE"), error.text)
        except Exception:
            self._app.logger.exception("A webhook could not be kept; Meta sends it again.")
            return _answer(start, "503 SERVICE UNAVAILABLE", "This could not be kept just now.")
        return _answer(start, "200 OK", "")

    def _is_plain(self, environ: dict[str, Any], length: str) -> bool:
        if not length.isdecimal() or int(length) > intake.MAX_BYTES or self._app.config["STRICT_TRANSPORT"]:
            return False
        return "HTTP_TRANSFER_ENCODING" not in environ


def _answer(start: Callable[..., Any], status: str, text: str) -> list[bytes]:
    body = text.encode()
    start(status, [*_HEADERS, ("Content-Length", str(len(body)))])
    return [body]


@bp.record_once
def _install(state: BlueprintSetupState) -> None:
    state.app.wsgi_app = _Door(state.app)  # type: ignore[method-assign]
