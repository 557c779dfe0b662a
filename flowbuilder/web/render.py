"""Pages and their fragments: one template file each, a fragment being a block of it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Flask, Response, current_app, g, make_response, redirect, request, url_for
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup, escape

from flowbuilder import clock
from flowbuilder.core import marks, phone
from flowbuilder.core.moments import span_words
from flowbuilder.store.accounts import Role
from flowbuilder.web.assets import asset
from flowbuilder.web.markup import number
from flowbuilder.web.policy import Policy, allow, policy_of

_NAVIGATION = (
    ("flows.index", "My flows", "Flows", "sitemap"),
    ("outbound.index", "Outbound messages", "Outbound", "send"),
    ("conversations.index", "Conversations", "Conver\u00adsations", "messages"),
    ("inbox.index", "Inbox", "Inbox", "inbox"),
    ("contacts.index", "Contacts", "Contacts", "address-book"),
    ("accounts.lines", "Lines", "Lines", "device-mobile"),
    ("accounts.people", "People", "People", "users"),
    ("developers.guide", "API", "API", "api"),
)

FORM_MARK = "form_mark"


def render(page: str, /, block: str | None = None, **ctx: Any) -> str:
    """The whole page, or one block of it. A lone block sees the same context, but nothing set at the top of the file."""
    template = current_app.jinja_env.get_template(page)
    current_app.update_template_context(ctx)
    if block is None:
        return template.render(ctx)
    return "".join(template.blocks[block](template.new_context(ctx)))


def in_single_bytes(page: str) -> bytes:
    """A large page in which every other character is an entity: browsers then keep it as one byte a character, and read it a tenth
    faster. Only where no script or style in it holds such characters.
    """
    return page.encode("ascii", "xmlcharrefreplace")


def is_htmx() -> bool:
    """Whether the browser wants a fragment: htmx asks, and not for a whole page."""
    headers = request.headers
    wants_page = headers.get("HX-Request-Type") == "full" or "HX-History-Restore-Request" in headers
    return headers.get("HX-Request") == "true" and not wants_page


def toast(answer: str | Response, text: str, level: str = "success") -> Response:
    """``answer`` with a note that rises in the corner; levels: success, info, warning, danger, undoable (with a button for that)."""
    response = make_response(answer)
    response.headers["HX-Trigger"] = json.dumps({"toast": {"text": text, "level": level}})
    return response


def go(url: str) -> Response:
    """Lead the browser to ``url``: 303 after a plain form, HX-Redirect after htmx."""
    if request.headers.get("HX-Request") == "true":
        return Response(status=204, headers={"HX-Redirect": url})
    return redirect(url, 303)


@allow(None)
def to_start() -> Response:
    """The address without a path leads to the flows."""
    return redirect(url_for("flows.index" if "flows.index" in current_app.view_functions else "accounts.lines"))


def init_app(app: Flask) -> None:
    env = app.jinja_env
    env.trim_blocks = env.lstrip_blocks = True
    env.filters.update(attrs=_attributes, moment=_moment, span_words=span_words, number=number, number_text=phone.pretty, plain=marks.plain)
    env.globals.update(asset=asset, csrf_token=generate_csrf, csrf_field=_csrf_field, navigation=_navigation, now=clock.now, Role=Role)
    env.globals["ui"] = env.get_template("_ui.html").module
    app.context_processor(lambda: {"person": g.get("person"), "role": g.get("role"), "can": _can, "is_held": g.get("is_held")})


def _attributes(values: Mapping[str, Any]) -> Markup:
    """HTML attributes: ``hx_post`` becomes hx-post, True a bare name, None and False nothing."""
    parts = []
    for name, value in values.items():
        if value is None or value is False:
            continue
        name = escape(name.rstrip("_").replace("_", "-"))
        parts.append(name if value is True else Markup('{}="{}"').format(name, value))
    return Markup(" ").join(parts)


def _csrf_field() -> Markup:
    """What every form carries: the token, and which showing of the page it is on (``web.repeats``)."""
    if "form_mark" not in g:
        g.form_mark = secrets.token_hex(8)
    fields = '<input type="hidden" name="csrf_token" value="{}"><input type="hidden" name="{}" value="{}">'
    return Markup(fields).format(generate_csrf(), FORM_MARK, g.form_mark)


def _navigation() -> list[tuple[str, str, str, str, str]]:
    """What the signed-in person may visit: endpoint, label, short label, icon and address of each."""
    found = []
    for endpoint, label, short, icon in _NAVIGATION:
        policy = policy_of(current_app, endpoint) if endpoint in current_app.view_functions else None
        if policy and policy.admits(g.get("role")):
            found.append((endpoint, label, short, icon, url_for(endpoint)))
    return found


def _can(role: str) -> bool:
    """Whether the signed-in person has at least ``role``; for leaving out what would be refused."""
    mine = g.get("role")
    return Policy(Role(role)).admits(mine)


def _moment(value: datetime) -> str:
    """A moment in words, UTC; the browser rewrites it in its own time zone."""
    return f"{value:%d %b %Y, %H:%M} UTC"
