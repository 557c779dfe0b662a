"""Declares an operation of the API on its view: scope, what it takes, what it gives. The views get values that fit."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Response

from flowbuilder.core.scope import Scope
from flowbuilder.web.api import reading
from flowbuilder.web.api.repeats import Making, once
from flowbuilder.web.policy import bearer

View = Callable[..., Any]
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Operation:
    """What the document says of a view; the names are those of schemas. ``making``: what takes an Idempotency-Key."""

    scope: Scope
    takes: str = ""
    gives: str = ""
    query: str = ""
    file: str = ""
    status: int = 200
    making: Making | None = None


def operation(
    scope: Scope,
    *,
    takes: str = "",
    gives: str = "",
    query: str = "",
    file: str = "",
    status: int = 200,
    making: Making | None = None,
    max_bytes: int = _MEGABYTE,
) -> Callable[[View], View]:
    """``takes`` is the schema of a JSON body, ``file`` that of the fields beside an uploaded file, ``query`` that of the query.

    A view with ``making`` only acts: what was made is shown by ``making``.
    """
    declared = Operation(scope, takes, gives, query, file, status, making)

    def declare(view: View) -> View:
        @wraps(view)
        def answer(**values: Any) -> Response:
            values |= reading.values_of(declared)
            if making:
                return _json(*once(making, view, values, status))
            return _json(status, view(**values))

        answer.operation = declared  # type: ignore[attr-defined]
        return bearer(scope, max_bytes=max_bytes)(answer)

    return declare


def _json(status: int, body: Any) -> Response:
    if body is None:
        return Response(status=204)
    return Response(json.dumps(body, ensure_ascii=False, separators=(",", ":")), status, mimetype="application/json")
