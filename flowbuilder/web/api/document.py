"""The OpenAPI 3.1 document, made of the routes and the very schemas that what they take is held against."""

from __future__ import annotations

import re
from functools import cache
from importlib.metadata import version
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from flowbuilder.core.contract import may_be_left_out, schemas
from flowbuilder.core.scope import WORDS
from flowbuilder.web.api.operation import Operation
from flowbuilder.web.api.repeats import KEY
from flowbuilder.web.problems import MEDIA_TYPE, ROOT

_PROBLEMS = {
    400: "It cannot be read.",
    401: "No valid token.",
    403: "The token lacks the scope.",
    404: "There is no such thing in this workspace.",
    409: "It has moved on, or the same call is being fulfilled just now.",
    413: "It is too large.",
    415: "It is of another type than this address takes.",
    422: "It does not fit; each fault has a pointer.",
    429: "Too many calls. Wait as Retry-After says.",
    503: "A part of the system does not answer. Try again as Retry-After says.",
}
_GIVEN = {200: "Done.", 201: "Made.", 202: "Taken; it goes on by itself.", 204: "Done; there is nothing to say."}
_TEXT = """Every call carries a token: `Authorization: Bearer wfd_…`. Calls that make or move something take an `Idempotency-Key`:
repeated within 24 hours, they get the first answer and do nothing twice. Errors are problem documents (RFC 9457)."""
_DESCRIPTIONS = {
    "outbounds": "Template messages: written, reviewed by Meta once, then sent.",
    "messages": "One message to one person.",
    "batches": "One message to many.",
    "contacts": "People, and whether they agreed to be written to.",
    "files": "Pictures, videos and documents at the head of messages.",
    "lines": "WhatsApp numbers of yours.",
    "webhooks": "Where we tell you what happens.",
}


def document(app: Flask, server: str) -> dict[str, Any]:
    """Of all operations of ``app``; ``server`` is the address under which it was asked for."""
    paths: dict[str, dict[str, Any]] = {}
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        found = getattr(app.view_functions[rule.endpoint], "operation", None)
        if found:
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                paths.setdefault(_path(rule), {})[method.lower()] = _operation(rule, found, app.view_functions[rule.endpoint].__doc__)
    return {
        "openapi": "3.1.0",
        "info": {"title": "FlowBuilder", "version": version("flowbuilder"), "description": _TEXT},
        "servers": [{"url": server + ROOT}],
        "tags": [{"name": tag, "description": text} for tag, text in _DESCRIPTIONS.items()],
        "security": [{"token": []}],
        "paths": paths,
        "components": {"schemas": schemas(), "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}, "responses": _responses()},
    }


def _path(rule: Rule) -> str:
    return re.sub(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>", r"{\1}", rule.rule.removeprefix(ROOT))


def _operation(rule: Rule, found: Operation, doc: str | None) -> dict[str, Any]:
    said: dict[str, Any] = {
        "operationId": rule.endpoint.removeprefix("api."),
        "tags": [_path(rule).split("/")[1]],
        "summary": (doc or "").split("\n")[0].rstrip("."),
        "description": f"Scope `{found.scope}`: {WORDS[found.scope].lower()}.",
        "parameters": [*_path_parameters(rule), *_query(found), *([_KEY] if found.making else [])],
        "responses": _answers(found),
    }
    if content := _content(found):
        needed = bool(found.file) or not may_be_left_out(found.takes)
        said["requestBody"] = {"required": needed, "content": content}
    return said


_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "A new one, such as a UUID, for each thing that you want done.",
    "schema": {"type": "string", "pattern": f"^{KEY}$"},
}


def _path_parameters(rule: Rule) -> list[dict[str, Any]]:
    kinds = {name: type(converter).__name__ for name, converter in rule._converters.items()}
    number = {"type": "integer", "minimum": 1, "maximum": 2**53}
    return [
        {"name": name, "in": "path", "required": True, "schema": number if "Integer" in kinds[name] else {"type": "string", "minLength": 1}}
        for name in sorted(rule.arguments)
    ]


def _query(found: Operation) -> list[dict[str, Any]]:
    schema = schemas()[found.query] if found.query else {}
    needed = schema.get("required", ())
    return [
        {"name": name, "in": "query", "required": name in needed, "schema": part, **_description(part)}
        for name, part in schema.get("properties", {}).items()
    ]


def _description(part: dict[str, Any]) -> dict[str, str]:
    return {"description": part["description"]} if "description" in part else {}


def _content(found: Operation) -> dict[str, Any]:
    content = {"application/json": {"schema": _named(found.takes)}} if found.takes else {}
    if found.file:
        fields = schemas()[found.file]
        properties = fields["properties"] | {"file": {"type": "string", "format": "binary"}}
        form = {**fields, "properties": properties, "required": [*fields.get("required", ()), "file"]}
        content["multipart/form-data"] = {"schema": form}
    return content


def _answers(found: Operation) -> dict[str, Any]:
    given: dict[str, Any] = {"description": _GIVEN[found.status]}
    if found.gives:
        given["content"] = {"application/json": {"schema": _named(found.gives)}}
    return {str(found.status): given} | {str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in _PROBLEMS}


@cache
def _responses() -> dict[str, Any]:
    content = {MEDIA_TYPE: {"schema": _named("Problem")}}
    return {f"Problem{status}": {"description": text, "content": content} for status, text in _PROBLEMS.items()}


def _named(schema: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{schema}"}
