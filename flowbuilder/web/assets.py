"""Our own files: styles, scripts, icons. Answered before Flask sees the request.

They are looked up once in a process. Their addresses carry a stamp that changes with any of them, as a folder: what one file
says of another relative to itself carries it too, and browsers keep all of them for ever.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

from flask import Flask, current_app
from whitenoise import WhiteNoise

from flowbuilder.web import security

YEAR = 365 * 24 * 3600
PUBLIC = ("css", "img", "js", "vendor", "icon.svg")


def init_app(app: Flask) -> None:
    root = Path(app.root_path, "static")
    app.extensions["static_address"] = f"/static/v-{_stamp(root)}/"
    server = WhiteNoise(app.wsgi_app)
    server.files = _found(root, app.extensions["static_address"], tuple(security.headers(app).items()))
    app.wsgi_app = server  # type: ignore[method-assign]


def asset(path: str) -> str:
    """The address of one of our files."""
    return current_app.extensions["static_address"] + path


@cache
def _stamp(root: Path) -> str:
    """The time of the youngest file, in milliseconds."""
    return format(max(file.stat().st_mtime_ns for file in _public(root)) // 1_000_000, "x")


@cache
def _found(root: Path, stamped: str, headers: tuple[tuple[str, str], ...]) -> Mapping[str, Any]:
    """What to answer, by address: for ever under the stamped one, to be asked for again under the plain one."""

    def add(answer: Headers, path: str, url: str) -> None:
        for name, value in headers:
            answer[name] = value

    finder = WhiteNoise(None, max_age=0, allow_all_origins=False, add_headers_function=add, immutable_file_test=f"^{stamped}")
    for file in _public(root):
        for address in (stamped, "/static/"):
            finder.add_file_to_dictionary(address + file.relative_to(root).as_posix(), str(file))
    return finder.files


def _public(root: Path) -> list[Path]:
    """The files that anybody may read; what npm keeps beside them is none of them."""
    return [file for name in PUBLIC for file in ([root / name] if (root / name).is_file() else (root / name).rglob("*")) if file.is_file()]
