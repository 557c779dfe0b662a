"""Flows in files: looked at, by themselves or as those of a workspace, written in form, laid out and compared, never kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path

from flowbuilder.core import flow_file, json_file, schema
from flowbuilder.core.checks import UNKNOWN, Facts, Review, TemplateFacts, review
from flowbuilder.core.checks.following import Other, called_by, facts_of
from flowbuilder.core.checks.report import Checked, as_json, as_sarif, as_text
from flowbuilder.core.diff import compare
from flowbuilder.core.diff_words import in_words
from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Flow
from flowbuilder.core.layout import arrange
from flowbuilder.core.nodes import starts
from flowbuilder.core.template import TemplateContent
from flowbuilder.errors import Invalid
from flowbuilder.services.flows.exchange import workspace_from_console
from flowbuilder.services.flows.facts import facts_for
from flowbuilder.store import flows as rows


@dataclass(frozen=True, slots=True)
class _Read:
    """A file, the flow in it if there is one, and the outbound messages that an example brings along, by the ids that its steps name."""

    file: Path
    text: str
    flow: Flow | None
    findings: tuple[Finding, ...] = ()
    messages: Mapping[str, TemplateContent] = field(default_factory=dict)


def check(files: Sequence[Path], workspace: str | None = None) -> list[Checked]:
    """What the canvas would say of each; with the id or the name of a ``workspace``, as if they were its flows. Files know one another:
    each stands for the flow of the workspace that has its name, or else for the one whose id the file is called by.
    """
    workspace_id = workspace_from_console(workspace) if workspace is not None else None
    read = [_read(file, is_alone=workspace_id is None) for file in files]
    ids = [_id(one, workspace_id) for one in read]
    flows = {id: one.flow for id, one in zip(ids, read, strict=True) if one.flow}
    return [_checked(one, id, workspace_id, flows) for id, one in zip(ids, read, strict=True)]


def _read(file: Path, *, is_alone: bool) -> _Read:
    raw = content(file)
    text = raw.decode("utf-8", "replace")
    document, findings = flow_file.read(raw)
    if findings := findings or schema.problems(document):
        return _Read(file, text, None, findings)
    whole, _ = json_file.read(raw)
    if flow_file.inside(whole) is whole or not is_alone:
        return _Read(file, text, Flow.from_json(document))
    flow, messages = flow_file.example(whole, document)
    return _Read(file, text, flow, messages={id: TemplateContent.from_json(content) for id, content in messages.items()})


def _id(read: _Read, workspace_id: str | None) -> str:
    named = rows.named(workspace_id, read.flow.name) if workspace_id and read.flow else []
    return named[0] if len(named) == 1 else read.file.stem


def _checked(read: _Read, id: str, workspace_id: str | None, flows: Mapping[str, Flow]) -> Checked:
    if read.flow is None:
        return Checked(str(read.file), read.text, None, Review(read.findings))
    if workspace_id:
        return Checked(str(read.file), read.text, read.flow, review(read.flow, facts_for(read.flow, workspace_id, id=id, beside=flows)))
    return Checked(str(read.file), read.text, read.flow, review(read.flow, _facts(read, id, flows)))


def _facts(read: _Read, id: str, flows: Mapping[str, Flow]) -> Facts:
    """What the files tell of one another, and an example of itself."""
    messages = {id: TemplateFacts.of(id, content) for id, content in read.messages.items()}
    initial = next((messages.get(node.data.get("template", "")) for node in starts(read.flow)), None)
    facts = replace(UNKNOWN, template=initial, templates=messages or None, id=id)
    called = {one for flow in flows.values() for one in called_by(flow)} | flows.keys()
    others = {one: Other(flows[one].name, flows[one]) if one in flows else Other("", None, is_known=False) for one in called}
    return replace(facts, flows=facts_of(others, UNKNOWN))


def report(checked: Sequence[Checked], form: str) -> str:
    """Text for people; ``json`` or ``sarif`` for programs."""
    if form == "sarif":
        return as_sarif(checked, version("flowbuilder"))
    return as_json(checked) if form == "json" else as_text(checked)


def put_in_form(files: Sequence[Path], *, only_look: bool = False) -> list[bool]:
    """Write the files, none unless all can be read, in the one form that each flow has; of each, whether it was not so before."""
    return [_write(file, flow, only_look=only_look) for file, flow in zip(files, list(map(_flow, files)), strict=True)]


def lay_out(files: Sequence[Path]) -> list[bool]:
    """Give every card its place anew, in none of the files unless all can be read; of each, whether that changed it."""
    return [_write(file, flow.with_(layout=arrange(flow))) for file, flow in zip(files, list(map(_flow, files)), strict=True)]


def difference(old: Path, new: Path) -> list[tuple[str, str]]:
    """What differs, as sentences with what each is about."""
    return [(change.mark, change.text) for change in in_words(compare(_flow(old), _flow(new)))]


def content(file: Path) -> bytes:
    """What is in a file, or as much of it as tells that it is too large."""
    try:
        with file.open("rb") as opened:
            return opened.read(json_file.BYTES_MAX + 1)
    except OSError as error:
        raise Invalid(f"{file} cannot be read ({error.strerror}).") from error


def _flow(file: Path) -> Flow:
    document, findings = flow_file.read(content(file))
    if findings:
        raise Invalid(f"{file}: {findings[0].text}", findings)
    return Flow.from_json(document)


def _write(file: Path, flow: Flow, *, only_look: bool = False) -> bool:
    raw = content(file)
    text = flow_file.rewrite(raw, flow).encode()
    if text != raw and not only_look:
        try:
            file.write_bytes(text)
        except OSError as error:
            raise Invalid(f"{file} cannot be written ({error.strerror}).") from error
    return text != raw
