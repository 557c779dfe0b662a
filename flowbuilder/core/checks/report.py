"""What the checks say of flows in files, for people and for programs: as text, as JSON, and as SARIF 2.1.0 (OASIS), which
services for code reviews read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from flowbuilder.core.checks import Review
from flowbuilder.core.checks.proved import in_words, why
from flowbuilder.core.checks.telling import in_line, tell
from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Flow

SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

UNJUDGED = "Not judged without a workspace"


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that was checked: its name, its content, the flow in it if there is one, and the verdict."""

    file: str
    text: str
    flow: Flow | None
    review: Review

    def told(self, finding: Finding) -> str:
        return in_line(tell(self.flow, finding.path, finding.through)) if self.flow and len(finding.path) > 1 else ""

    def line_of(self, finding: Finding) -> int:
        """Where the step stands in the file, as people count; the first line where that cannot be told."""
        if finding.row is not None:
            return finding.row
        found = re.search(rf'"id"\s*:\s*"{re.escape(finding.node)}"', self.text) if finding.node else None
        return self.text.count("\n", 0, found.start()) + 1 if found else 1


def as_text(files: Sequence[Checked]) -> str:
    return "\n".join(line for checked in files for line in _lines(checked, has_head=len(files) > 1))


def _lines(checked: Checked, *, has_head: bool) -> Iterator[str]:
    review = checked.review
    if has_head:
        yield f"{checked.file}:"
    for finding in review.findings:
        place = f"{finding.node}: " if finding.node else ""
        way = f"  ({' → '.join(finding.path)})" if finding.path else ""
        yield f"{finding.severity}  {place}{finding.text}{way}"
        if told := checked.told(finding):
            yield f"       {told}"
    if review.unjudged:
        yield f"{UNJUDGED}: {'; '.join(review.unjudged)}."
    if review.errors:
        return
    if review.proved:
        yield "Proved: " + ", ".join(f"{label.lower()} {value}" for label, value in in_words(review.proved)) + f". {why(review.proved)}"
    verdict = "As far as that goes, no check found an error" if review.unjudged else "This flow can be published"
    yield f"{verdict}; mind the warnings." if review.warnings else f"{verdict}."


def as_json(files: Sequence[Checked]) -> str:
    return json.dumps({"files": [_file(checked) for checked in files]}, indent=2, ensure_ascii=False)


def _file(checked: Checked) -> dict[str, Any]:
    review = checked.review
    proved = (
        {name: value if isinstance(value, int) else str(value) for name, value in asdict(review.proved).items() if value not in (None, "")}
        if review.proved
        else None
    )
    return {
        "file": checked.file,
        "can_be_published": False if review.errors else None if review.unjudged else True,
        "not_judged": list(review.unjudged),
        "findings": [_finding(checked, finding) for finding in review.findings],
        "held": list(review.held),
        "proved": proved,
    }


def _finding(checked: Checked, finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "text": finding.text,
        "node": finding.node,
        "field": finding.field,
        "line": checked.line_of(finding),
        "path": list(finding.path),
        "told": checked.told(finding),
        "fix": {"label": finding.fix.label, "command": finding.fix.command} if finding.fix else None,
    }


def as_sarif(files: Sequence[Checked], version: str) -> str:
    codes = sorted({finding.code for checked in files for finding in checked.review.findings})
    rules = [{"id": code, "name": code.title().replace("_", ""), "shortDescription": {"text": code.replace("_", " ")}} for code in codes]
    results = [_result(checked, finding, codes) for checked in files for finding in checked.review.findings]
    run = {
        "tool": {"driver": {"name": "FlowBuilder", "version": version, "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "results": results,
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": [*_notes(files)]}],
    }
    return json.dumps({"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False)


def _notes(files: Sequence[Checked]) -> Iterator[dict[str, Any]]:
    for checked in files:
        if checked.review.unjudged:
            text = f"{UNJUDGED}: {'; '.join(checked.review.unjudged)}."
            yield {"level": "note", "message": {"text": text}, "locations": [_location(checked, Finding("", ""))]}


def _result(checked: Checked, finding: Finding, codes: Sequence[str]) -> dict[str, Any]:
    result = {
        "ruleId": finding.code,
        "ruleIndex": codes.index(finding.code),
        "level": finding.severity.value,
        "message": {"text": finding.text},
        "locations": [_location(checked, finding)],
    }
    if len(finding.path) > 1:
        steps = [{"location": _location(checked, Finding("", "", node=id))} for id in finding.path]
        told = checked.told(finding)
        result["codeFlows"] = [{"threadFlows": [{"locations": steps}], **({"message": {"text": told}} if told else {})}]
    return result


def _location(checked: Checked, finding: Finding) -> dict[str, Any]:
    uri = checked.file.replace("\\", "/")
    place: dict[str, Any] = {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": checked.line_of(finding)}}}
    if finding.node:
        place["logicalLocations"] = [{"name": finding.node, "kind": "object"}]
    return place
