"""Flows as files: JSON by ``flows_schema/``, out and in."""

from __future__ import annotations

from typing import Any

from flowbuilder.core import flow_file
from flowbuilder.errors import Invalid, NotFound
from flowbuilder.services.flows.drafts import NAME_MAX, create_from
from flowbuilder.services.flows.versions import flow_of
from flowbuilder.store import db
from flowbuilder.store import flows as rows
from flowbuilder.store.accounts import Workspace
from flowbuilder.store.flows import FlowDraft


def export(workspace_id: str, flow_id: str, number: int | None = None) -> tuple[str, str]:
    """A file's name and content, of the draft or of a version; two exports of one flow are equal."""
    flow = flow_of(workspace_id, flow_id, number)
    safe = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in flow.name.lower()).strip("-")
    version = f"-version-{number}" if number else ""
    return f"{safe or 'flow'}{version}.json", flow_file.write(flow)


def import_(workspace_id: str, raw: bytes, user_id: str | None) -> FlowDraft:
    """A new flow from a file. What it names that this workspace does not have has to be chosen again."""
    document = read(raw)
    return create_from(workspace_id, document, user_id, name=name_here(workspace_id, document["name"]))


def name_here(workspace_id: str, name: str) -> str:
    """What a flow of that name is called once it is imported: where there is one already, both can be told apart."""
    called, number = name, 1
    while rows.named(workspace_id, " ".join(called.split())):
        mark = " (imported)" if number == 1 else f" (imported {number})"
        called, number = name[: NAME_MAX - len(mark)] + mark, number + 1
    return called


def read(raw: bytes) -> dict[str, Any]:
    document, findings = flow_file.read(raw)
    if findings:
        raise Invalid(findings[0].text, findings)
    return document


def export_from_console(flow_id: str, number: int | None) -> str:
    draft = db.session.get(FlowDraft, flow_id)
    if draft is None or draft.deleted_at is not None:
        raise NotFound(f"There is no flow with the id {flow_id}. My flows shows the id of each.")
    return export(draft.workspace_id, flow_id, number)[1]


def workspace_from_console(workspace_id: str | None) -> str:
    """The workspace of that id or name; without one, the only one."""
    found = list(db.session.scalars(db.select(Workspace).order_by(Workspace.created_at)))
    if workspace_id is None and len(found) != 1:
        names = ", ".join(f"{row.id} ({row.name})" for row in found)
        raise Invalid(f"Say into which workspace, by --workspace: {names}." if found else "There is no workspace yet. Add a person first.")
    for row in found:
        if workspace_id in (None, row.id) or workspace_id.casefold() == row.name.casefold():
            return row.id
    raise NotFound(f"There is no workspace with the id or name {workspace_id}.")
