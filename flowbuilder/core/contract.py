"""What the API takes and gives, by the JSON Schemas in ``flows_schema/api``: the same that its document is made of.

Each file there holds the schemas of one resource by name; they refer to one another as ``#/components/schemas/<Name>``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, ValidationError

from flowbuilder.core.finding import Finding
from flowbuilder.core.schema_words import in_words

FOLDER = Path(__file__).parents[2] / "flows_schema" / "api"
DEPTH_MAX = 12
_FINDINGS_MAX = 50


@cache
def schemas() -> dict[str, dict[str, Any]]:
    """Every schema by its name."""
    found: dict[str, dict[str, Any]] = {}
    for file in sorted(FOLDER.glob("*.json")):
        found |= json.loads(file.read_text(encoding="utf-8"))
    return found


def may_be_left_out(name: str) -> bool:
    """Whether a call without a body is one with nothing in it: nothing is required."""
    schema = schemas()[name]
    return schema.get("type") == "object" and not schema.get("required") and not schema.get("minProperties")


def findings(name: str, document: Any) -> tuple[Finding, ...]:
    """What keeps ``document`` from being a ``name``; each with a JSON pointer as its field."""
    if _depth(document) > DEPTH_MAX:
        return (Finding("too_deep", "The body is nested deeper than anything here is. Look at the document of the API.", field=""),)
    errors = sorted(_validator(name).iter_errors(document), key=lambda error: [str(part) for part in error.absolute_path])
    return tuple(_finding(error) for error in errors[:_FINDINGS_MAX])


@cache
def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas()}})


def _finding(error: ValidationError) -> Finding:
    said = in_words(error, "The body")
    path = list(error.absolute_path)
    if error.validator == "required":
        path.append(error.message.split("'")[1])
    elif error.validator == "additionalProperties":
        path.append(min(set(error.instance) - set(error.schema.get("properties", ()))))
    return Finding(said.code, said.text, field=pointer(path))


def pointer(path: Iterable[str | int]) -> str:
    """RFC 6901."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def _depth(document: Any) -> int:
    """How deep it is nested; counted without recursion, since it may come from anywhere."""
    depth, level = 0, [document]
    while level and depth <= DEPTH_MAX:
        depth += 1
        level = [part for one in level if isinstance(one, dict | list) for part in (one.values() if isinstance(one, dict) else one)]
    return depth
