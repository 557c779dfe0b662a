"""What a program sent, read and held against the schema that its operation declares; raises with a pointer to each fault."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask import request

from flowbuilder.core import contract
from flowbuilder.core.finding import Finding
from flowbuilder.errors import Invalid, Malformed, WrongType

if TYPE_CHECKING:
    from flowbuilder.web.api.operation import Operation

_REFUSED = "What was sent does not fit. Each fault is listed with a pointer to its place."


def values_of(operation: Operation) -> dict[str, Any]:
    """The arguments of the view: ``query``, ``body``, ``file``, as far as the operation declares them."""
    values: dict[str, Any] = {"query": query(operation.query)} if operation.query else {}
    if not operation.query and request.args:
        raise Invalid(_REFUSED, [_unknown(name) for name in request.args])
    if operation.file and request.mimetype == "multipart/form-data":
        return values | {"body": _fields(operation.file), "file": _file()}
    if operation.file and not operation.takes:
        raise WrongType("This address takes a file: send it with Content-Type: multipart/form-data.")
    if operation.takes:
        values["body"] = body(operation.takes)
    return values


def body(schema: str) -> Any:
    if contract.may_be_left_out(schema) and not request.get_data():
        return {}
    if request.mimetype != "application/json":
        raise WrongType()
    document = _parsed(request.get_data())
    _check(schema, document)
    return document


def query(schema: str) -> dict[str, Any]:
    """The query with numbers as numbers; of a repeated name the first counts."""
    properties = contract.schemas()[schema]["properties"]
    found = {name: _number(value) if properties.get(name, {}).get("type") == "integer" else value for name, value in request.args.items()}
    _check(schema, found)
    return found


def moment_of(body: dict[str, Any], name: str) -> datetime | None:
    """The moment in this field, which the schema has seen to look like one."""
    if body.get(name) is None:
        return None
    try:
        return datetime.fromisoformat(body[name]).astimezone(UTC)
    except (ValueError, OverflowError):
        text = "There is no such day or time. Write a moment with its offset, such as 2026-12-01T09:00:00+01:00."
        raise Invalid(findings=[Finding("no_moment", text, field=contract.pointer([name]))]) from None


def _fields(schema: str) -> dict[str, Any]:
    """Fields of a form are texts; those that are none come as JSON, as OpenAPI has it."""
    properties = contract.schemas()[schema]["properties"]
    found = {}
    for name, value in request.form.items():
        is_text = name not in properties or properties[name].get("type") == "string"
        found[name] = value if is_text else _parsed(value.encode("utf-8", "replace"), name)
    _check(schema, found)
    return found


def _file() -> Any:
    if "file" not in request.files:
        raise Invalid(findings=[Finding("missing", "Send the file as the part “file”.", field="/file")])
    return request.files["file"]


def _parsed(data: bytes, name: str = "") -> Any:
    try:
        document = json.loads(data.decode("utf-8"), parse_constant=_refuse_constant)
        json.dumps(document, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        raise Malformed(f"The part “{name}” is not JSON in UTF-8." if name else None) from None
    if "\\u0000" in json.dumps(document):
        raise Malformed("A text has a character with the number 0, which nothing can show. Take it out.")
    return document


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


def _number(value: str) -> Any:
    return int(value) if value.isascii() and value.removeprefix("-").isdecimal() and len(value) < 12 else value


def _check(schema: str, document: Any) -> None:
    if found := contract.findings(schema, document):
        raise Invalid(_REFUSED, found)


def _unknown(name: str) -> Finding:
    return Finding(
        "not_known", f"This address takes nothing in its query, and there is “{name[:40]}”. Remove it.", field=contract.pointer([name])
    )
