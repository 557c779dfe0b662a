"""The outbound messages that a step on the way may send, and the one that it sends, for its panel."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flowbuilder.core.flow import Flow, Node
from flowbuilder.core.nodes import kind_of, starts
from flowbuilder.core.template import TemplateContent, quick_replies, variables_used
from flowbuilder.services import flows, outbound
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.web.outbound import view


@dataclass(frozen=True, slots=True)
class Choice:
    """``data`` is what the step's data become with it, as JSON; an empty value for each of its variables."""

    row: TemplateMessage
    data: str


def choices(flow: Flow, workspace_id: str, node: Node) -> list[Choice]:
    """Approved messages of the line on which the conversation is, and the present one however it stands."""
    initial = flows.template_of(flow, workspace_id)
    line = initial.line_id if initial else next((start.data.get("line") or "" for start in starts(flow)), "")
    rows = {row.id: row for row in outbound.approved_on(workspace_id, line)}
    rows |= {row.id: row for row in outbound.of_ids(workspace_id, kind_of(node).sends(node)) if row.id not in rows}
    return [Choice(row, _data(row, node.data)) for row in rows.values()]


def sent(node: Node, workspace_id: str) -> dict[str, Any]:
    """What the panel shows of the message that it sends; nothing while there is none."""
    rows = outbound.of_ids(workspace_id, kind_of(node).sends(node))
    return view.seen(rows[0]) if rows else {"row": None}


def _data(row: TemplateMessage, now: Mapping[str, Any]) -> str:
    """Values that are filled in for a variable of the same name stay."""
    content = TemplateContent.from_json(row.content)
    parameters = {name: now["parameters"].get(name, "") for name in variables_used(content)}
    replies = [{"id": f"r{at}", "title": title} for at, title in enumerate(quick_replies(content), 1)]
    return json.dumps({"message": row.id, "parameters": parameters, "replies": replies})
