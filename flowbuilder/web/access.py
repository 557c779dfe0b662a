"""One log line for each request that changed something, failed or was slow; webhooks are many, and only their failures are told."""

from __future__ import annotations

import logging

from flask import Flask, Response, g, request

from flowbuilder import clock

_SLOW_SECONDS = 0.5

log = logging.getLogger(__name__)


def init_app(app: Flask) -> None:
    app.before_request(_begin)
    app.after_request(_tell)


def _begin() -> None:
    g.began = clock.monotonic()


def _tell(response: Response) -> Response:
    seconds = clock.monotonic() - g.get("began", clock.monotonic())
    if response.status_code < 400 and seconds < _SLOW_SECONDS and (request.method == "GET" or request.endpoint == "inbound.webhook"):
        return response
    facts = {
        "method": request.method,
        "route": request.url_rule.rule if request.url_rule else None,
        "status": response.status_code,
        "duration_ms": round(seconds * 1000, 1),
        "request_id": g.get("request_id"),
        "workspace_id": g.get("workspace_id"),
        "user_id": g.get("user_id"),
    }
    log.log(logging.ERROR if response.status_code >= 500 else logging.INFO, "request", extra=facts)
    return response
