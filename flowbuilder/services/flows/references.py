"""What steps name that lies outside the flow: outbound messages, other flows, lines, files and teams, by ids of one workspace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowbuilder.core.nodes import KINDS, NodeKind
from flowbuilder.services.accounts import providers
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.flows import FlowDraft
from flowbuilder.store.handovers import Team
from flowbuilder.store.media import MediaFile
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.store.validations import Provider

_KEYS = {
    "template": TemplateMessage, "message": TemplateMessage, "flow": FlowDraft, "line": Line, "medium": MediaFile, "provider": Provider,
    "team": Team,
}  # fmt: skip


def known_here(document: dict[str, Any], workspace_id: str) -> dict[str, Any]:
    """The document without what it names of other workspaces: there it is as in a new step, where something has to be chosen."""
    return {**document, "nodes": [_known_here(node, workspace_id) for node in document["nodes"]]}


def fresh(kind: NodeKind, workspace_id: str) -> dict[str, Any]:
    """The data of a new step: where there is but one provider to choose, it is chosen."""
    data = kind.blank()
    if "check" not in data or len(known := providers.listing(workspace_id)) != 1:
        return data
    offered = known[0].checks
    return data | {"provider": known[0].id, "check": data["check"] if data["check"] in offered or not offered else offered[0]}


def _known_here(node: dict[str, Any], workspace_id: str) -> dict[str, Any]:
    foreign = [key for key, value in node["data"].items() if not _is_ours(key, value, workspace_id)]
    if not foreign:
        return node
    blank = KINDS[node["kind"]].blank()
    kept = {key: value for key, value in node["data"].items() if key not in foreign}
    return {**node, "data": kept | {key: blank[key] for key in foreign if key in blank}}


def _is_ours(key: str, value: Any, workspace_id: str) -> bool:
    id = value.get("file") if isinstance(value, Mapping) else value
    if key not in _KEYS or not isinstance(id, str) or not id:
        return True
    row = db.session.get(_KEYS[key], id)
    return row is not None and row.workspace_id == workspace_id
