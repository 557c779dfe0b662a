"""The pages of the simulator and its control API; both for this machine only."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, abort, request, url_for
from markupsafe import Markup

_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self'; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def register(app: Flask) -> None:
    """Put pages, control API and headers on the app."""
    from flowbuilder.simulator.web import control, desk, markup, mischief, number, pages, persons

    app.before_request(_only_from_here)
    app.after_request(_headers)
    app.register_blueprint(control.control)
    app.register_blueprint(pages.pages)
    app.register_blueprint(desk.desk)
    app.register_blueprint(mischief.mischief)
    app.register_blueprint(number.number)
    app.register_blueprint(persons.persons)
    app.add_template_filter(markup.render, "whatsapp")
    app.add_template_global(_icon, "icon")


def _icon(name: str) -> Markup:
    """One of the vendored icons; beside a word, so it says nothing itself."""
    sheet = url_for("static", filename="vendor/icons.svg")
    return Markup('<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>').format(sheet, name)


def _only_from_here() -> None:
    """No page of another site may make this browser act; Graph calls carry their own token."""
    if request.method in ("GET", "HEAD") or request.blueprint == "graph":
        return
    origin = request.headers.get("Origin")
    if request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site") or (origin and urlsplit(origin).netloc != request.host):
        abort(403, "Only pages of the simulator itself may do this.")


def _headers(answer: Response) -> Response:
    for name, value in _HEADERS.items():
        answer.headers.setdefault(name, value)
    if answer.mimetype == "text/html":
        answer.headers["Cache-Control"] = "no-store"
    return answer
