"""The initial message of a flow, and what its buttons say."""

from __future__ import annotations

from flowbuilder.core.checks import TemplateFacts
from flowbuilder.core.flow import Flow
from flowbuilder.core.nodes import starts
from flowbuilder.core.template import TemplateContent
from flowbuilder.store import db
from flowbuilder.store.outbound import TemplateMessage


def template_of(flow: Flow, workspace_id: str) -> TemplateMessage | None:
    """The initial message that the opening step names, if it is this workspace's."""
    for node in starts(flow):
        if template_id := node.data.get("template"):
            row = db.session.get(TemplateMessage, template_id)
            return row if row is not None and row.workspace_id == workspace_id else None
    return None


def tapped(initial: TemplateMessage | None) -> dict[str, str]:
    """What the person taps under the initial message, by the way on from the step that sends it."""
    return TemplateFacts.of(initial.id, TemplateContent.from_json(initial.content)).tapped if initial else {}
