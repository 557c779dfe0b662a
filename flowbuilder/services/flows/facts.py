"""What the checks must know from outside the flow: its initial message and how its review stands."""

from __future__ import annotations

from flowbuilder.core.checks import Facts, TemplateFacts, check
from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Flow
from flowbuilder.core.nodes import starts
from flowbuilder.core.template import TemplateContent, variables_used
from flowbuilder.store import db
from flowbuilder.store.outbound import TemplateMessage


def template_of(flow: Flow, workspace_id: str) -> TemplateMessage | None:
    """The initial message that the opening step names, if it is this workspace's."""
    for node in starts(flow):
        if template_id := node.data.get("template"):
            row = db.session.get(TemplateMessage, template_id)
            return row if row is not None and row.workspace_id == workspace_id else None
    return None


def facts_for(flow: Flow, workspace_id: str) -> Facts:
    row = template_of(flow, workspace_id)
    if row is None:
        return Facts(template=None)
    content = TemplateContent.from_json(row.content)
    return Facts(
        template=TemplateFacts(
            id=row.id,
            status=row.status,
            variables=tuple(variables_used(content)),
            continue_option=content.continue_option,
            finish_option=content.finish_option,
        )
    )


def findings_of(flow: Flow, workspace_id: str) -> tuple[Finding, ...]:
    """Everything that the checks have to say about ``flow``, errors first."""
    found = check(flow, facts_for(flow, workspace_id))
    return tuple(sorted(found, key=lambda finding: not finding.is_error))
