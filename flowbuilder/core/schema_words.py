"""What ``jsonschema`` finds, said in plain sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jsonschema import ValidationError

from flowbuilder.core.finding import Finding

_ENTRIES = {"options": "answer", "branches": "branch", "tests": "test", "nodes": "step", "edges": "connection", "layout": "place of step"}
_TYPES = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "object": "an object",
    "array": "a list",
    "boolean": "true or false",
    "null": "null",
}


def in_words(error: ValidationError, owner: str = "The flow", node: str | None = None) -> Finding:
    """One finding for one error; ``owner`` is what the path begins at."""
    path = list(error.absolute_path)
    field = next((str(part) for part in path if part != "data"), None)
    code = "not_known" if error.validator == "additionalProperties" else "shape"
    return Finding(code, f"{_place(owner, path)} {_sentence(error)}", node=node, field=field)


def _place(owner: str, path: Sequence[str | int]) -> str:
    words = [owner]
    before: str | int = ""
    for part in path:
        if isinstance(part, int):
            words[-1:] = [f"{_ENTRIES.get(str(before), 'entry')} {part + 1}"]
        elif part != "data":
            words.append(f"“{part[:64]}”")
        before = part
    return ", ".join([owner, *words[1:]] if words[0] != owner else words)


def _sentence(error: ValidationError) -> str:
    limit, value = error.validator_value, error.instance
    match error.validator:
        case "type":
            names = [limit] if isinstance(limit, str) else limit
            return f"must be {' or '.join(_TYPES[name] for name in names)}."
        case "required":
            missing = error.message.split("'")[1]
            return f"lacks “{missing}”. Add it."
        case "additionalProperties":
            return f"has something that is not known: {_some(sorted(set(value) - set(error.schema.get('properties', ()))))}. Remove it."
        case "enum":
            return f"must be one of: {', '.join(map(str, limit))}."
        case "maxLength":
            return f"has {len(value):,} characters; at most {limit:,} are possible. Shorten it."
        case "minLength":
            return "must not be empty."
        case "minimum":
            return f"must be at least {limit:,}."
        case "maximum":
            return f"must be at most {limit:,}."
        case "maxItems" | "maxProperties":
            return f"has {len(value):,} entries; at most {limit:,} are possible. Remove some."
        case "minItems":
            return f"has {len(value):,} entries; at least {limit:,} are needed."
        case "pattern":
            what = error.schema.get("description", "An id: 1 to 64 letters, digits, - or _, without accents.")
            return f"must be {what[:1].lower()}{what[1:].rstrip('.')}."
    return "is not what belongs there."


def _some(names: Sequence[Any]) -> str:
    return ", ".join(f"“{str(name)[:40]}”" for name in names[:3]) + (" …" if len(names) > 3 else "")
