"""Every variable needs an example; a reviewer reads the message with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flowbuilder.simulator.codes import GraphError
from flowbuilder.simulator.reviewer.definition import Definition, variables

Fault = Callable[[int, str], GraphError]


def check_examples(template: Definition, fault: Fault) -> None:
    """Raise the first refusal."""
    for kind, key in (("HEADER", "header_text"), ("BODY", "body_text")):
        part = template.component(kind)
        if part is None or not part.get("text"):
            continue
        names = variables(part["text"])
        if names and not _agrees(template, part.get("example"), key, names):
            raise fault(2388043, f"component of type {kind} is missing expected field(s) (example)")
    for button in template.buttons:
        if button["type"] == "URL" and variables(str(button.get("url"))) and not _first(button.get("example")):
            raise fault(2388043, "button of type URL is missing expected field(s) (example)")
    footer = template.component("FOOTER")
    if template.category == "AUTHENTICATION" and footer is not None:
        minutes = footer.get("code_expiration_minutes")
        if not isinstance(minutes, int) or not 1 <= minutes <= 90:
            raise fault(2388073, "code_expiration_minutes must be from 1 to 90.")


def _agrees(template: Definition, example: Any, key: str, names: list[str]) -> bool:
    if not isinstance(example, dict):
        return False
    if template.parameter_format == "NAMED":
        given = example.get(f"{key}_named_params")
        if not isinstance(given, list) or not all(isinstance(one, dict) and _said(one.get("example")) for one in given):
            return False
        return sorted(str(one.get("param_name")) for one in given) == sorted(names)
    values = example.get(key)
    if isinstance(values, list) and values and isinstance(values[0], list):
        values = values[0]
    return isinstance(values, list) and len(values) == len(names) and all(map(_said, values))


def _said(value: Any) -> bool:
    return isinstance(value, str | int | float) and bool(str(value).strip())


def _first(value: Any) -> bool:
    return _said(value[0] if isinstance(value, list) and value else value)
