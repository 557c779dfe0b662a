"""A template as it was sent, brought into one form: upper-case types, variables found, authentication texts filled in."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from flowbuilder.simulator.codes import GraphError
from flowbuilder.simulator.reviewer import code_texts

VARIABLE = re.compile(r"\{\{\s*([^{}\s]*)\s*\}\}")
CATEGORIES = ("MARKETING", "UTILITY", "AUTHENTICATION")


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    name: str
    language: str
    category: str
    parameter_format: str
    components: list[dict[str, Any]]
    ttl: int | None = None

    def component(self, kind: str) -> dict[str, Any] | None:
        return next((part for part in self.components if part["type"] == kind), None)

    @property
    def body(self) -> str:
        return (self.component("BODY") or {}).get("text") or ""

    @property
    def footer(self) -> str:
        return (self.component("FOOTER") or {}).get("text") or ""

    @property
    def buttons(self) -> list[dict[str, Any]]:
        return (self.component("BUTTONS") or {}).get("buttons") or []

    @property
    def fingerprint(self) -> str:
        """Equal for templates with the same words in body and footer, whatever their variables are called."""
        words = "\n".join(" ".join(VARIABLE.sub("{{}}", text).split()).lower() for text in (self.body, self.footer))
        return hashlib.sha256(words.encode()).hexdigest()


def variables(text: str) -> list[str]:
    """Names of the variables in a text, each once, in order."""
    return list(dict.fromkeys(VARIABLE.findall(text)))


def read(body: dict[str, Any], known: dict[str, str] | None = None) -> Definition:
    """The definition in a request; ``known`` is what an edit keeps of the template it changes."""
    components = body.get("components")
    if not isinstance(components, list) or not all(isinstance(part, dict) for part in components):
        raise GraphError(100, "(#100) The parameter components is required.")
    whole = {key: body[key] for key in ("name", "language", "category", "parameter_format") if body.get(key)} | (known or {})
    for key in ("name", "language", "category"):
        if not isinstance(whole.get(key), str):
            raise GraphError(100, f"(#100) The parameter {key} is required.")
    category = whole["category"].upper()
    parts = [_upper(part) for part in components]
    return Definition(
        name=whole["name"],
        language=whole["language"],
        category=category,
        parameter_format=str(whole.get("parameter_format") or "POSITIONAL").upper(),
        components=_authentication(parts, whole["language"]) if category == "AUTHENTICATION" else parts,
        ttl=body.get("message_send_ttl_seconds"),
    )


def _upper(part: dict[str, Any]) -> dict[str, Any]:
    result = dict(part)
    for key in ("type", "format"):
        if isinstance(part.get(key), str):
            result[key] = part[key].upper()
    result.setdefault("type", "")
    if result["type"] == "HEADER":
        result.setdefault("format", "TEXT")
    if isinstance(part.get("buttons"), list):
        result["buttons"] = [_upper(button) if isinstance(button, dict) else {"type": ""} for button in part["buttons"]]
    return result


def _authentication(parts: list[dict[str, Any]], language: str) -> list[dict[str, Any]]:
    """The business chooses switches, the words are Meta's."""
    result = []
    for part in parts:
        if part["type"] == "BODY" and "text" not in part:
            text = code_texts.body(language, bool(part.get("add_security_recommendation")))
            result.append(part | {"text": text, "example": {"body_text": [["123456"]]}})
        elif part["type"] == "FOOTER" and "text" not in part and "code_expiration_minutes" in part:
            minutes = part["code_expiration_minutes"]
            result.append(part | {"text": code_texts.footer(language, minutes) if isinstance(minutes, int) else ""})
        else:
            result.append(part)
    return result
