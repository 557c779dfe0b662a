"""What a form holds, read field by field; what is wrong with it, as findings on its fields.

    form = Form(request.form)
    name = form.text("name", "the name", longest=120)
    form.check()                      # raises Invalid with all findings

A page that shows the form again hands it to the macros: ``ui.field("name", "Name", form=form)``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from flowbuilder.core.finding import Finding
from flowbuilder.errors import FlowBuilderError, Invalid

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]{2,}|[^@\s]+@localhost")


class Form:
    """The values as they came, and the findings so far. Only fields that are asked for are ever read."""

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self.values: dict[str, str] = dict(values or {})
        self.findings: list[Finding] = []
        self.problem = ""

    def text(self, name: str, label: str, *, required: bool = True, longest: int = 200, pattern: str = "", hint: str = "") -> str:
        """One line, its outer blanks removed; ``pattern`` must match the whole, ``hint`` says what it looks like."""
        value = self.values.get(name, "").strip()
        if not value and required:
            self.refuse(name, "missing", f"Enter {label}.")
        elif len(value) > longest:
            self.refuse(name, "too_long", f"Shorten {label} to {longest} characters; it has {len(value)}.")
        elif value and pattern and not re.fullmatch(pattern, value):
            self.refuse(name, "malformed", hint or f"Check {label}.")
        return value

    def email(self, name: str = "email") -> str:
        value = self.text(name, "an e-mail address", longest=254).lower()
        if value and not self.error(name) and not _EMAIL.fullmatch(value):
            self.refuse(name, "malformed", "Enter an e-mail address such as ann@example.com.")
        return value

    def number(self, name: str, label: str, *, least: int, most: int, default: int = 0) -> int:
        raw = self.values.get(name, "").strip() or str(default)
        if raw.isdecimal() and least <= int(raw) <= most:
            return int(raw)
        self.refuse(name, "out_of_range", f"Enter {label} as a whole number from {least} to {most}.")
        return default

    def choice(self, name: str, label: str, choices: Collection[str]) -> str:
        value = self.values.get(name, "")
        if value not in choices:
            self.refuse(name, "unknown", f"Choose {label}.")
        return value

    def refuse(self, name: str, code: str, text: str) -> None:
        self.findings.append(Finding(code, text, field=name))

    def take(self, error: FlowBuilderError) -> None:
        """What was raised: findings for the fields, or one sentence for the whole form, ``problem``."""
        self.findings = list(getattr(error, "findings", ()))
        self.problem = "" if any(finding.field for finding in self.findings) else error.text

    def check(self) -> None:
        """Raise Invalid with everything found so far."""
        if self.findings:
            raise Invalid(findings=self.findings)

    def value(self, name: str, default: object = "") -> object:
        return self.values.get(name, default)

    def error(self, name: str) -> str:
        return next((finding.text for finding in self.findings if finding.field == name), "")
