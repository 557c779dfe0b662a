"""The flow, or the step of it, that an address names; whoever asks for another workspace's is told that there is none."""

from __future__ import annotations

from flask import g

from flowbuilder.core.flow import Flow
from flowbuilder.errors import NotFound
from flowbuilder.store import flows as rows
from flowbuilder.store.flows import FlowDraft


def draft_of(flow_id: str) -> FlowDraft:
    """Raises NotFound."""
    draft = rows.draft(g.workspace_id, flow_id)
    if draft is None:
        raise NotFound()
    return draft


def flow_with(flow_id: str, step: str) -> Flow:
    """The draft's flow, in which the step is. Raises NotFound."""
    flow = Flow.from_json(draft_of(flow_id).document)
    if step not in flow.nodes:
        raise NotFound("This step is no longer in the flow.")
    return flow
