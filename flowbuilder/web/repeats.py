"""A form that comes twice (an impatient click, the browser's Back, a reload) leads to where it led the first time.

Every form carries a mark of the page that it stands on. Page, address and all that was typed or chosen make its key, so
that whoever goes back and types something else is heard. Fragments of htmx keep their own order and are left alone.
"""

from __future__ import annotations

import hashlib
from contextlib import ExitStack, suppress

from flask import Flask, Response, g, request
from sqlalchemy.exc import InterfaceError, OperationalError

from flowbuilder.services import repeats
from flowbuilder.services.repeats import Repeated, Sending
from flowbuilder.web import errors
from flowbuilder.web.render import FORM_MARK, go

_BLOCK = 1 << 20


def init_app(app: Flask) -> None:
    app.before_request(_begin)
    app.after_request(_end)
    app.teardown_request(_let_go)
    app.register_error_handler(Repeated, _lead)


def _begin() -> None:
    if request.method != "POST" or request.headers.get("HX-Request") == "true" or not request.form.get(FORM_MARK):
        return
    g.form_sending, g.form_guard = Sending(_key()), ExitStack()
    g.form_guard.enter_context(g.form_sending.once())


def _key() -> str:
    digest = hashlib.sha256(f"{g.get('user_id')} {request.full_path}".encode())
    for name, value in sorted(request.form.items(multi=True)):
        if name != "csrf_token":
            digest.update(f"\0{name}\0{value}".encode("utf-8", "surrogatepass"))
    for name, file in sorted(request.files.items(multi=True), key=lambda item: item[0]):
        digest.update(f"\0{name}\0{file.filename}".encode("utf-8", "surrogatepass"))
        while block := file.stream.read(_BLOCK):
            digest.update(block)
        file.stream.seek(0)
    return digest.hexdigest()


def _end(response: Response) -> Response:
    """What failed after all may be tried again."""
    _let_go()
    sending = g.pop("form_sending", None)
    if sending is not None and sending.is_done:
        if response.status_code < 400:
            repeats.led_to(sending.key, response.location or "")
        else:
            with suppress(OperationalError, InterfaceError):
                repeats.forget(sending.key)
    return response


def _let_go(_error: BaseException | None = None) -> None:
    guard = g.pop("form_guard", None)
    if guard is not None:
        guard.close()


def _lead(error: Repeated) -> Response:
    g.form_sending = None
    location = repeats.location_of(error.key)
    return go(location) if location else errors.told(error)
