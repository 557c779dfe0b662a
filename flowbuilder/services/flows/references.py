"""What steps name that lies outside the flow: outbound messages, other flows and lines, by ids of one workspace."""

from __future__ import annotations

from typing import Any

from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.flows import FlowDraft
from flowbuilder.store.outbound import TemplateMessage

_KEYS = {"template": TemplateMessage, "flow": FlowDraft, "line": Line}


def known_here(document: dict[str, Any], workspace_id: str) -> dict[str, Any]:
    """The document without what it names of other workspaces."""
    nodes = [
        {**node, "data": {key: value for key, value in node["data"].items() if _is_ours(key, value, workspace_id)}}
        for node in document["nodes"]
    ]
    return {**document, "nodes": nodes}


def _is_ours(key: str, value: Any, workspace_id: str) -> bool:
    if key not in _KEYS or not isinstance(value, str):
        return True
    row = db.session.get(_KEYS[key], value)
    return row is not None and row.workspace_id == workspace_id
