"""Drafts as wholes: making, naming, copying, deleting and bringing them back."""

from __future__ import annotations

import secrets
import string
from typing import Any

from flowbuilder import clock
from flowbuilder.core import schema
from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Flow, Node
from flowbuilder.core.layout import arrange_missing
from flowbuilder.core.nodes import KINDS
from flowbuilder.errors import Invalid, NotFound
from flowbuilder.services import transaction
from flowbuilder.services.accounts import audit
from flowbuilder.services.flows.changes import change, locked
from flowbuilder.services.flows.references import known_here
from flowbuilder.store import flows as rows
from flowbuilder.store import new_id
from flowbuilder.store.flows import FlowDraft

NAME_MAX = 120
FIRST_PLACE = (80, 160)
_DIGITS = string.digits + string.ascii_lowercase


def new_step() -> str:
    """An id for a step, as the canvas makes them: what is made later sorts after what was made before."""
    number, written = int(clock.now().timestamp() * 1000), ""
    while number:
        number, digit = divmod(number, len(_DIGITS))
        written = _DIGITS[digit] + written
    return f"n{written}{secrets.token_hex(2)}"


def create(workspace_id: str, name: str, user_id: str | None = None) -> FlowDraft:
    """A new flow with the one step that opens it."""
    kind = KINDS["you_send_it"]
    start = Node("n1", kind.name, kind.blank())
    flow = Flow(name=_name(name), nodes={start.id: start}, layout={start.id: FIRST_PLACE})
    return _add(workspace_id, flow, user_id, "flow.created", f"Created the flow “{flow.name}”")


def create_from(workspace_id: str, document: dict[str, Any], user_id: str | None, *, name: str | None = None) -> FlowDraft:
    """A new flow from a whole document; Invalid when the document is no flow. What it names of other workspaces is left out."""
    if findings := schema.problems(document):
        raise Invalid(findings[0].text, findings)
    flow = arrange_missing(Flow.from_json(known_here(document, workspace_id)))
    flow = flow.with_(name=_name(name or flow.name))
    return _add(workspace_id, flow, user_id, "flow.created", f"Created the flow “{flow.name}”")


def rename(workspace_id: str, flow_id: str, name: str, user_id: str | None) -> None:
    change(workspace_id, flow_id, {"kind": "rename", "name": _name(name)}, user_id)


def duplicate(workspace_id: str, flow_id: str, user_id: str | None) -> FlowDraft:
    """A copy with a history of its own; it opens with the same initial message."""
    draft = rows.draft(workspace_id, flow_id)
    if draft is None:
        raise NotFound()
    flow = Flow.from_json(draft.document)
    name = f"{flow.name[: NAME_MAX - 7]} (copy)"
    return _add(workspace_id, flow.with_(name=name), user_id, "flow.created", f"Duplicated the flow “{flow.name}”")


def delete(workspace_id: str, flow_id: str, user_id: str | None) -> FlowDraft:
    """Take a flow off the list. Conversations under way go on; nothing is lost, ``restore`` brings it back."""
    with transaction() as session:
        draft = locked(session, workspace_id, flow_id)
        draft.deleted_at = clock.now()
        audit.record(session, workspace_id, user_id, "flow.deleted", flow_id, f"Deleted the flow “{draft.name}”")
    return draft


def restore(workspace_id: str, flow_id: str, user_id: str | None) -> FlowDraft:
    with transaction() as session:
        draft = rows.draft(workspace_id, flow_id, deleted=True)
        if draft is None:
            raise NotFound()
        draft.deleted_at = None
        audit.record(session, workspace_id, user_id, "flow.restored", flow_id, f"Restored the flow “{draft.name}”")
    return draft


def _add(workspace_id: str, flow: Flow, user_id: str | None, verb: str, text: str) -> FlowDraft:
    now = clock.now()
    draft = FlowDraft(
        id=new_id("flw"),
        workspace_id=workspace_id,
        name=flow.name,
        document=flow.to_json(),
        created_by=user_id,
        created_at=now,
        updated_at=now,
    )
    with transaction() as session:
        session.add(draft)
        audit.record(session, workspace_id, user_id, verb, draft.id, text)
    return draft


def _name(name: str) -> str:
    clean = " ".join(name.split())
    if not clean:
        raise Invalid(findings=[Finding("missing", "Enter a name for the flow.", field="name")])
    if len(clean) > NAME_MAX:
        text = f"Shorten the name to {NAME_MAX} characters; it has {len(clean)}."
        raise Invalid(findings=[Finding("too_long", text, field="name")])
    return clean
