"""Flows as files: JSON by ``flows_schema/``, out and in."""

from __future__ import annotations

import json

from flowbuilder.core import schema
from flowbuilder.core.flow import Flow
from flowbuilder.errors import Invalid, NotFound
from flowbuilder.services.flows.drafts import create_from, without_template
from flowbuilder.store import flows as rows
from flowbuilder.store.flows import FlowDraft


def export(workspace_id: str, flow_id: str) -> tuple[str, str]:
    """A file's name and content: keys sorted, so that two exports of one flow are equal."""
    draft = rows.draft(workspace_id, flow_id)
    if draft is None:
        raise NotFound()
    flow = Flow.from_json(draft.document)
    safe = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in flow.name.lower()).strip("-")
    return f"{safe or 'flow'}.json", json.dumps(flow.to_json(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def import_(workspace_id: str, raw: bytes, user_id: str | None) -> FlowDraft:
    """A new flow from a file. Its initial message has to be chosen again: ids mean nothing in another workspace."""
    document, findings = schema.read(raw)
    findings = findings or schema.problems(document)
    if findings:
        raise Invalid(findings[0].text, findings)
    return create_from(workspace_id, without_template(document), user_id)
