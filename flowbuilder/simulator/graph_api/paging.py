"""Cursors of lists: an id, wrapped so that nobody counts on what is inside."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import urlencode

from flask import request

from flowbuilder.simulator.codes import GraphError


def cursor(row_id: int) -> str:
    return base64.urlsafe_b64encode(f"t{row_id}".encode()).decode().rstrip("=")


def position(name: str) -> int | None:
    """The id behind the cursor in ``after`` or ``before``; a cursor that was never given out is 131059."""
    text = request.args.get(name)
    if not text:
        return None
    try:
        inside = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except (binascii.Error, ValueError):
        inside = ""
    if inside[:1] != "t" or not inside[1:].isdecimal():
        raise GraphError(131059, f"The paging cursor in {name} is not valid.")
    return int(inside[1:])


def page_urls(first: int, last: int, *, older: bool, newer: bool) -> dict[str, str]:
    """Addresses of the neighbouring pages, where there are any."""
    urls = {}
    if older:
        urls["next"] = _url("after", last)
    if newer:
        urls["previous"] = _url("before", first)
    return urls


def _url(name: str, row_id: int) -> str:
    arguments = {key: value for key, value in request.args.items() if key not in ("after", "before", "access_token")}
    return f"{request.host_url}v25.0{request.path}?{urlencode(arguments | {name: cursor(row_id)})}"
