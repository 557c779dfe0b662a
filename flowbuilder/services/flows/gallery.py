"""The example flows that come with FlowBuilder: whole conversations to begin from, each in several languages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from flowbuilder.core import schema
from flowbuilder.core.flow import Flow
from flowbuilder.core.nodes import KINDS
from flowbuilder.core.template import TemplateContent
from flowbuilder.errors import NotFound
from flowbuilder.services.accounts import providers
from flowbuilder.services.flows.changes import change
from flowbuilder.services.flows.drafts import create_from
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.flows import FlowDraft

LANGUAGES = {"en": "English", "es": "Español", "pt": "Português"}


@dataclass(frozen=True, slots=True)
class Example:
    """``id`` is the file's name: the conversation and, but for English, its language. ``about`` says what it shows. ``messages`` are
    the outbound messages by the steps that send them, ``template`` the one that opens.
    """

    id: str
    about: str
    document: Mapping[str, Any]
    template: Mapping[str, Any]
    messages: Mapping[str, Mapping[str, Any]]

    @property
    def language(self) -> str:
        return self.id.partition(".")[2] or "en"

    @property
    def conversation(self) -> str:
        return self.id.partition(".")[0]

    @property
    def name(self) -> str:
        return str(self.document["name"])

    @property
    def flow(self) -> Flow:
        return Flow.from_json(self.document)

    @property
    def kinds(self) -> list[str]:
        """The labels of the steps that it shows."""
        used = {node["kind"] for node in self.document["nodes"]}
        return [kind.label for kind in KINDS.values() if kind.name in used and not kind.is_start]


@cache
def examples() -> tuple[Example, ...]:
    found = []
    for path in sorted((schema.FOLDER / "examples").glob("*.json")):
        file = json.loads(path.read_text(encoding="utf-8"))
        found.append(Example(path.stem, file["about"], file["flow"], file["template"], file.get("messages", {})))
    return tuple(found)


def example(id: str) -> Example:
    found = next((one for one in examples() if one.id == id), None)
    if found is None:
        raise NotFound("There is no example of this name. Choose one from the list.")
    return found


def create_from_example(workspace_id: str, id: str, user_id: str | None = None) -> FlowDraft:
    """A new flow like the example; where the workspace has a line, drafts of its outbound messages come along. What its steps have
    checked, the first provider does that offers it.
    """
    one = example(id)
    draft = create_from(workspace_id, _with_providers(one.document, workspace_id), user_id)
    _add_messages(workspace_id, draft, one, user_id)
    return draft


def _with_providers(document: Mapping[str, Any], workspace_id: str) -> dict[str, Any]:
    known = providers.listing(workspace_id)

    def completed(node: dict[str, Any]) -> dict[str, Any]:
        found = next((one.id for one in known if node["data"].get("check") in one.checks), None)
        return {**node, "data": {**node["data"], "provider": found}} if found else node

    return {**document, "nodes": [completed(node) for node in document["nodes"]]}


def _add_messages(workspace_id: str, draft: FlowDraft, one: Example, user_id: str | None) -> None:
    from flowbuilder.services import outbound

    lines = db.select(Line).filter_by(workspace_id=workspace_id).order_by(Line.is_simulator.desc(), Line.created_at)
    line = db.session.scalars(lines).first()
    start = next((node.id for node in one.flow.nodes.values() if KINDS[node.kind].is_start), None)
    if line is None or start is None:
        return
    for step, field, content in ((start, "template", one.template), *((step, "message", said) for step, said in one.messages.items())):
        row = outbound.create(workspace_id, line.id, TemplateContent.from_json(content), user_id)
        change(workspace_id, draft.id, {"kind": "change", "node": step, "data": {field: row.id}}, user_id)
    db.session.refresh(draft)
