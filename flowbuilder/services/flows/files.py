"""Flows in files that belong to no workspace: looked at, written in form, laid out and compared, never kept."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from flowbuilder.core import flow_file, schema
from flowbuilder.core.checks import Review, review
from flowbuilder.core.checks.report import Checked, as_json, as_sarif, as_text
from flowbuilder.core.diff import compare
from flowbuilder.core.diff_words import in_words
from flowbuilder.core.flow import Flow
from flowbuilder.core.layout import arrange
from flowbuilder.errors import Invalid


def check(file: Path) -> Checked:
    """What the canvas would say, but for the initial message: a file knows nothing of its review. An example's flow is looked at too."""
    raw = file.read_bytes()
    text = raw.decode("utf-8", "replace")
    document, findings = flow_file.read(raw)
    if findings := findings or schema.problems(document):
        return Checked(str(file), text, None, Review(findings))
    flow = Flow.from_json(document)
    return Checked(str(file), text, flow, review(flow, None))


def report(checked: Sequence[Checked], form: str) -> str:
    """Text for people; ``json`` or ``sarif`` for programs."""
    if form == "sarif":
        return as_sarif(checked, version("flowbuilder"))
    return as_json(checked) if form == "json" else as_text(checked)


def put_in_form(file: Path, *, only_look: bool = False) -> bool:
    """Write the file in the one form that its flow has; whether it was not so before."""
    return _write(file, _flow(file), only_look=only_look)


def lay_out(file: Path) -> bool:
    """Give every card its place anew; whether that changed the file."""
    flow = _flow(file)
    return _write(file, flow.with_(layout=arrange(flow)))


def difference(old: Path, new: Path) -> list[tuple[str, str]]:
    """What differs, as sentences with what each is about."""
    return [(change.mark, change.text) for change in in_words(compare(_flow(old), _flow(new)))]


def _flow(file: Path) -> Flow:
    document, findings = flow_file.read(file.read_bytes())
    if findings:
        raise Invalid(f"{file}: {findings[0].text}", findings)
    return Flow.from_json(document)


def _write(file: Path, flow: Flow, *, only_look: bool = False) -> bool:
    raw = file.read_bytes()
    text = flow_file.rewrite(raw, flow).encode()
    if text != raw and not only_look:
        file.write_bytes(text)
    return text != raw
