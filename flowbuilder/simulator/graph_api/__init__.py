"""The Cloud API as clients call it: any ``/vN.N/`` prefix or none, a Bearer token, JSON in and out."""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from flask import Blueprint, Flask, Response, request

from flowbuilder.simulator.codes import GraphError
from flowbuilder.simulator.store import tally
from flowbuilder.simulator.world import world

graph = Blueprint("graph", __name__)
_VERSION = re.compile(r"/v\d{1,3}\.\d{1,2}(?=/)")


def register(app: Flask) -> None:
    """Put the endpoints on the app, behind the token."""
    from flowbuilder.simulator.graph_api import messages, nodes, subscriptions, templates, uploads  # noqa: F401

    app.register_blueprint(graph)
    app.register_error_handler(GraphError, _refused)
    app.wsgi_app = _without_version(app.wsgi_app)


def _without_version(app: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    def inner(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if match := _VERSION.match(environ["PATH_INFO"]):
            environ["PATH_INFO"] = environ["PATH_INFO"][match.end() :]
            environ["simulator.graph"] = True
        return app(environ, start_response)

    return inner


@graph.before_request
def _authenticate() -> None:
    given = request.headers.get("Authorization", "")
    scheme, _, token = given.partition(" ")
    if not token:
        token = request.args.get("access_token", "") if not given else ""
        scheme = "Bearer"
    if not token:
        raise GraphError(190, "An access token is required to request this resource.")
    expected = {world().settings.access_token, app_token()}
    if scheme not in ("Bearer", "OAuth") or not any(hmac.compare_digest(token.encode(), one.encode()) for one in expected):
        raise GraphError(190, "Invalid OAuth access token - Cannot parse access token")
    if world().faults.strike("token", request.path):
        raise GraphError(190, "Error validating access token: The session has been invalidated because the user changed the password.")


def app_token() -> str:
    """The app's own token, which clients ask for with id and secret."""
    settings = world().settings
    return f"{settings.app_id}|{settings.app_secret}"


def _refused(error: GraphError) -> Response:
    here = world()
    with here.store.write() as conn:
        tally(conn, f"refused {error.code}")
    answer = reply(error.body(), error.http)
    if error.code == 190:
        answer.headers["WWW-Authenticate"] = 'OAuth "Facebook Platform" "invalid_token"'
    return answer


def reply(document: Any, status: int = 200) -> Response:
    answer = Response(json.dumps(document, separators=(",", ":")), status, content_type="application/json; charset=UTF-8")
    answer.headers["facebook-api-version"] = "v25.0"
    return answer


def body() -> dict[str, Any]:
    """The request's JSON object, or its form fields; anything else is refused as Meta does."""
    if request.mimetype in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return {name: _loads(value) for name, value in request.form.items()}
    raw = request.get_data()
    if not raw:
        return {}
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise GraphError(100, "The request body is not valid JSON.") from error
    if not isinstance(document, dict):
        raise GraphError(100, "The request body must be a JSON object.")
    return document


def _loads(value: str) -> Any:
    """A form field may hold JSON."""
    if value[:1] in "[{":
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def fields() -> list[str]:
    """The names asked for by ``fields``; sub-selections in braces are dropped."""
    asked = re.sub(r"\{[^}]*\}", "", request.args.get("fields", ""))
    return [name for name in (part.strip().split(".")[0] for part in asked.split(",")) if name]


def chosen(document: dict[str, Any], default: Iterable[str] = ()) -> dict[str, Any]:
    """Only what was asked for, and the id always."""
    names = fields() or list(default) or list(document)
    return {name: document[name] for name in names if name in document and document[name] is not None} | {"id": document["id"]}


def unknown(node: str) -> GraphError:
    text = f"Object with ID '{node}' does not exist, cannot be loaded due to missing permissions, or does not support this operation."
    return GraphError(100, text, subcode=33, title="", advice=text)
