"""A template message: the approved template is found, its parameters are checked against it, and it is filled in."""

from __future__ import annotations

import json
import re
import sqlite3
from typing import Any

from flowbuilder.simulator.codes import GraphError
from flowbuilder.simulator.sending.media import media_of
from flowbuilder.simulator.sending.shapes import items, members, text
from flowbuilder.simulator.sending.template_buttons import fill_buttons
from flowbuilder.simulator.store import Store

Content = dict[str, Any]
VARIABLE = re.compile(r"\{\{\s*([^{}\s]+)\s*\}\}")
_UNFIT = re.compile(r"[\n\r\t]| {5,}")
_NAMES = ("first_name", "full_name", "name", "nombre", "nome")
_LONGEST = {"body": 1024, "header": 60}


def find(store: Store, value: Content) -> sqlite3.Row:
    """The template that a send names, if it may be sent now."""
    name = text(value.get("name"), "template.name", 512)
    language = members(value.get("language"), "template.language")
    code = text(language.get("code"), "template.language.code", 20)
    row = store.row("SELECT * FROM template WHERE name = ? AND language = ? AND deleted_at IS NULL", (name, code))
    status = row["status"] if row else ""
    if status == "PAUSED":
        raise GraphError(132015, f"template name ({name}) is paused in {code} because of low quality")
    if status == "DISABLED":
        raise GraphError(132016, f"template name ({name}) was disabled in {code}")
    if status != "APPROVED":
        raise GraphError(132001, f"template name ({name}) does not exist in {code}")
    return row


def fill(store: Store, template: sqlite3.Row, value: Content) -> Content:
    """The message as the phone shows it; raises 132000, 132005, 132012, 132018 or 131008 as Meta does."""
    given = [_lower(members(part, "template.components")) for part in items(value.get("components") or [], "template.components")]
    own = {part["type"]: part for part in json.loads(template["components"])}
    named = template["parameter_format"] == "NAMED"
    if unknown := [part["type"] for part in given if part["type"] not in ("header", "body", "button", "carousel", "limited_time_offer")]:
        raise GraphError(100, f"Invalid component type: {unknown[0]}.")
    content: Content = {"kind": "template", "template": template["name"]}
    if header := own.get("HEADER"):
        content["header"] = _header(store, header, _parameters(given, "header"), named=named)
    elif _parameters(given, "header"):
        raise _count("header", len(_parameters(given, "header")), 0)
    content["body"] = _filled("body", own["BODY"].get("text", ""), _parameters(given, "body"), named=named)
    if footer := own.get("FOOTER"):
        content["footer"] = footer.get("text", "")
    buttons = own.get("BUTTONS", {}).get("buttons", [])
    content["buttons"] = fill_buttons(buttons, [part for part in given if part["type"] == "button"])
    return content


def called(value: Content) -> str:
    """What a message that was filled calls whom it is for, if it has a word for that."""
    given = [_lower(part) for part in value.get("components") or []]
    named = [one for kind in ("header", "body") for one in _parameters(given, kind) if one.get("parameter_name") in _NAMES]
    return next((one["text"] for one in named if one.get("text")), "")


def _lower(part: Content) -> Content:
    """Types are taken in either case: clients differ."""
    result = part | {"type": str(part.get("type", "")).lower()}
    if "sub_type" in part:
        result["sub_type"] = str(part["sub_type"]).lower()
    return result


def _parameters(given: list[Content], kind: str) -> list[Content]:
    return [
        _lower(members(p, f"{kind}.parameters"))
        for part in given
        if part["type"] == kind
        for p in items(part.get("parameters") or [], "parameters")
    ]


def _count(part: str, given: int, wanted: int) -> GraphError:
    return GraphError(132000, f"{part}: number of localizable_params ({given}) does not match the expected number of params ({wanted})")


def _header(store: Store, header: Content, parameters: list[Content], *, named: bool) -> Content:
    shape = header["format"]
    if shape == "TEXT":
        return {"kind": "text", "body": _filled("header", header["text"], parameters, named=named)}
    if len(parameters) != 1:
        got = "UNKNOWN" if not parameters else parameters[0]["type"].upper()
        raise GraphError(132012, f"header: Format mismatch, expected {shape}, received {got}")
    parameter = parameters[0]
    if parameter["type"] != shape.lower():
        raise GraphError(132012, f"header: Format mismatch, expected {shape}, received {parameter['type'].upper() or 'UNKNOWN'}")
    value = members(parameter.get(shape.lower()), shape.lower())
    if shape == "LOCATION":
        return {"kind": "location"} | {name: value.get(name) for name in ("latitude", "longitude", "name", "address")}
    return media_of(store, shape.lower(), value)


def _filled(part: str, source: str, parameters: list[Content], *, named: bool) -> str:
    names = list(dict.fromkeys(VARIABLE.findall(source)))
    if len(parameters) != len(names):
        raise _count(part, len(parameters), len(names))
    values: dict[str, str] = {}
    for position, parameter in enumerate(parameters, 1):
        name = parameter.get("parameter_name")
        if named and (not name or name not in names or name in values):
            raise GraphError(132012, f"{part}: parameter_name {name or 'is missing'} does not match the template's {', '.join(names)}")
        if not named and name is not None:
            raise GraphError(132012, f"{part}: parameter_name is not allowed for positional parameters")
        values[str(name) if named else str(position)] = _value(part, parameter)
    for value in values.values():
        if _UNFIT.search(value):
            raise GraphError(132018, "Param text cannot have new-line/tab characters or more than 4 consecutive spaces")
    result = VARIABLE.sub(lambda match: values[match[1]], source)
    if len(result) > _LONGEST[part]:
        raise GraphError(132005, f"{part}: translated text too long, {len(result)} characters of at most {_LONGEST[part]}")
    return result


def _value(part: str, parameter: Content) -> str:
    kind = parameter["type"] or "text"
    if kind == "text":
        value = parameter.get("text")
        if value is None or value == "":
            raise GraphError(131008, f"{part}: Required parameter is missing: text")
        if not isinstance(value, str):
            raise GraphError(100, f"{part}: text must be a string.")
        return value
    if kind in ("currency", "date_time"):
        return text(members(parameter.get(kind), kind).get("fallback_value"), f"{kind}.fallback_value", 1024)
    raise GraphError(132012, f"{part}: Format mismatch, expected TEXT, received {kind.upper()}")
