"""Headers of every answer, secrets of the cookie, and where a request may come from.

The content security policy allows nothing but our own files: no inline script or style anywhere.
"""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from urllib.parse import urlsplit

from flask import Flask, Request, Response, current_app, g, request

from flowbuilder.config import Config
from flowbuilder.services.accounts.keys import session_key

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "font-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
}
_STRICT_TRANSPORT = "max-age=31536000; includeSubDomains"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


def init_app(app: Flask) -> None:
    config: Config = app.extensions["flowbuilder"]
    is_https = config.public_url.startswith("https://")
    app.config.update(
        SECRET_KEY=session_key(config.home),
        SESSION_COOKIE_NAME="__Host-flowbuilder" if is_https else "flowbuilder",
        SESSION_COOKIE_SECURE=is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(days=7),
        SESSION_REFRESH_EACH_REQUEST=False,
        WTF_CSRF_ENABLED=not config.testing,
        WTF_CSRF_TIME_LIMIT=None,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        OUR_ORIGIN=_origin(config.public_url),
        STRICT_TRANSPORT=is_https,
    )
    if is_https:
        app.config["TRUSTED_HOSTS"] = [urlsplit(config.public_url).hostname, "localhost", "127.0.0.1"]
    app.before_request(_name_request)
    app.after_request(_add_headers)


def is_from_our_pages(request: Request) -> bool:
    """What the browser says about the page that sent this; a caller that says nothing is no browser."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is None or origin in (_origin(request.host_url), _our_origin())


def _our_origin() -> str:
    return current_app.config["OUR_ORIGIN"]


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _name_request() -> None:
    """An id that the error page shows and the log carries; one given by a proxy is kept when it is harmless."""
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)


def headers(app: Flask) -> dict[str, str]:
    """Those of every answer, files included."""
    return HEADERS | ({"Strict-Transport-Security": _STRICT_TRANSPORT} if app.config["STRICT_TRANSPORT"] else {})


def _add_headers(response: Response) -> Response:
    response.headers.update(headers(current_app))
    if "request_id" in g:
        response.headers["X-Request-ID"] = g.request_id
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    return response
