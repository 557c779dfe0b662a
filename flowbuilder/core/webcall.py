"""Calls of other programs as data: variables put where they can do no harm, and parts of the answer picked out.

A variable in the address is percent-encoded, one in the JSON body becomes part of a JSON string, or outside of strings a number
or a string: whatever a person wrote, the request keeps the shape that the designer gave it. Secrets are never filled in here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlsplit

import jmespath
from jmespath.exceptions import JMESPathError

from flowbuilder.core.variables import fill

WITH_BODY = ("POST", "PUT", "PATCH")
PATH_MAX, VALUE_MAX = 200, 4096
_PLACE = re.compile(r"\{\{([^{}\n]{1,80})\}\}")
_NUMBER = re.compile(r"-?(0|[1-9]\d{0,30})(\.\d{1,30})?")
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}")
_OURS = {"host", "content-length", "content-type", "transfer-encoding", "connection", "accept-encoding", "user-agent"}
_LOCAL = {"localhost", "127.0.0.1", "::1"}


def filled(data: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    """The request that ``services.conversations.http`` carries out."""
    return {
        "kind": "http",
        "method": data["method"],
        "url": fill_address(data["url"], values),
        "headers": [_header(one, values) for one in data["headers"]],
        "body": fill_json(data["body"], values) if data["method"] in WITH_BODY else "",
    }


def fill_address(url: str, values: Mapping[str, str]) -> str:
    return _PLACE.sub(lambda place: quote(str(values.get(place[1].strip(), "")), safe=""), url.strip())


def fill_json(template: str, values: Mapping[str, str]) -> str:
    """``template`` is JSON with variables in strings or in place of values."""
    parts, at = [], 0
    for place in _PLACE.finditer(template):
        parts.append(template[at : place.start()])
        value = str(values.get(place[1].strip(), ""))
        if _is_in_string(template, place.start()):
            parts.append(json.dumps(value)[1:-1])
        else:
            parts.append(value if _NUMBER.fullmatch(value) else json.dumps(value))
        at = place.end()
    return "".join(parts) + template[at:]


def picked(path: str, document: Any) -> str:
    """What JMESPath finds, as the value of a variable; empty where it finds nothing."""
    try:
        return as_value(_compiled(path).search(document))
    except (JMESPathError, RecursionError, TypeError, ValueError, ArithmeticError):
        return ""


def as_value(found: Any) -> str:
    match found:
        case None:
            return ""
        case str():
            return found[:VALUE_MAX]
        case bool():
            return "true" if found else "false"
        case float() if found == found and abs(found) < 1e15:
            return format(Decimal(repr(found)).normalize(), "f")
    return json.dumps(found, ensure_ascii=False)[:VALUE_MAX]


def address_problem(url: str) -> str:
    url = url.strip()
    if not url:
        return "enter the address that is called."
    try:
        before = urlsplit(_PLACE.sub("x", url))
        with_names = urlsplit(_PLACE.sub("{", url)).netloc
    except ValueError:
        return "this is no web address. Enter one such as https://example.com/orders."
    if "{" in with_names or "{" in url.partition(":")[0]:
        return "the name of the machine must stand in the address itself; variables may come after it."
    if before.hostname in _LOCAL and before.scheme in ("http", "https"):
        return ""
    if before.scheme != "https" or not before.hostname:
        return "the address must begin with https:// and a name, such as https://example.com/orders."
    if before.username is not None or before.password is not None:
        return "the address may hold no name and password. Put them into a header, as a secret."
    return "" if url.isascii() and " " not in url else "the address may hold no spaces, accents or other special signs."


def body_problem(body: str) -> str:
    if not body.strip():
        return ""
    try:
        json.loads(fill_json(body, {}))
    except (ValueError, RecursionError) as error:
        where = f" in line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        return f"the body is not JSON: something is wrong{where}. Put texts, and variables that are texts, in double quotes."
    return ""


def header_problem(one: Mapping[str, Any]) -> str:
    name, value = one["name"].strip(), one.get("value", "")
    if not _HEADER.fullmatch(name):
        return f"“{name[:40]}” cannot be the name of a header." if name else "name each header, or remove it."
    if is_set_by_itself(name):
        return f"the header {name} is set by itself. Remove it."
    if not value.isprintable() or not value.isascii():
        return f"the header {name} may hold plain ASCII only."
    return "" if value or one.get("secret") else f"the header {name} has no value. Enter one, or choose a secret."


def is_set_by_itself(name: str) -> bool:
    """Whether a header belongs to the request as such, and is nothing to choose."""
    return name.strip().lower() in _OURS


def path_problem(path: str) -> str:
    if not path.strip():
        return "say which part of the answer is kept, such as order.id."
    if len(path) > PATH_MAX:
        return f"a path has at most {PATH_MAX} characters."
    try:
        _compiled(path)
    except (JMESPathError, RecursionError):
        return f"“{path[:40]}” is no JMESPath. Examples: order.id, items[0].name, length(items)."
    return ""


@lru_cache(maxsize=1024)
def _compiled(path: str) -> Any:
    return jmespath.compile(path[:PATH_MAX])


def _header(one: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, str]:
    """A value from a person can't begin a new header, nor break the request."""
    clean = "".join(sign if sign.isascii() and sign.isprintable() else "?" for sign in fill(one.get("value", ""), values))
    secret = {"secret": one["secret"]} if one.get("secret") else {}
    return {"name": one["name"].strip(), "value": clean} | secret


def _is_in_string(text: str, at: int) -> bool:
    inside = escaped = False
    for sign in text[:at]:
        if escaped:
            escaped = False
        elif inside and sign == "\\":
            escaped = True
        elif sign == '"':
            inside = not inside
    return inside
