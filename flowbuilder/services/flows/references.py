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
_WORDS = {"template": "outbound message", "message": "outbound message", "medium": "file"} | {
    key: key for key in ("flow", "line", "provider", "team")
}


def known_here(document: dict[str, Any], workspace_id: str) -> dict[str, Any]:
    """The document without what it names of other workspaces: there it is as in a new step, where something has to be chosen."""
    return {**document, "nodes": [_known_here(node, workspace_id) for node in document["nodes"]]}


def adopted(command: Mapping[str, Any], workspace_id: str) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """The change with its new steps as in ``known_here``, and in words what was left out: steps are pasted from other workspaces, too."""
    if command.get("kind") == "all" and isinstance(command.get("commands"), list):
        parts = [adopted(one, workspace_id) if isinstance(one, Mapping) else (one, ()) for one in command["commands"]]
        return {**command, "commands": [one for one, _ in parts]}, tuple(dict.fromkeys(words for _, some in parts for words in some))
    node = command.get("node")
    if command.get("kind") != "add_node" or not isinstance(node, Mapping) or not isinstance(node.get("data"), Mapping):
        return command, ()
    if not isinstance(node.get("kind"), str) or node["kind"] not in KINDS:
        return command, ()
    words = tuple(f"the {_WORDS[key]} of {KINDS[node['kind']].label}" for key in _foreign(node, workspace_id))
    return ({**command, "node": _known_here(node, workspace_id)} if words else command), words


def fresh(kind: NodeKind, workspace_id: str) -> dict[str, Any]:
    """The data of a new step: where there is but one provider to choose, it is chosen."""
    data = kind.blank()
    if "check" not in data or len(known := providers.listing(workspace_id)) != 1:
        return data
    offered = known[0].checks
    return data | {"provider": known[0].id, "check": data["check"] if data["check"] in offered or not offered else offered[0]}


def _known_here(node: Mapping[str, Any], workspace_id: str) -> Mapping[str, Any]:
    foreign = _foreign(node, workspace_id)
    if not foreign:
        return node
    blank = KINDS[node["kind"]].blank()
    kept = {key: value for key, value in node["data"].items() if key not in foreign}
    return {**node, "data": kept | {key: blank[key] for key in foreign if key in blank}}


def _foreign(node: Mapping[str, Any], workspace_id: str) -> list[str]:
    return [key for key, value in node["data"].items() if not _is_ours(key, value, workspace_id)]


def _is_ours(key: str, value: Any, workspace_id: str) -> bool:
    id = value.get("file") if isinstance(value, Mapping) else value
    if key not in _KEYS or not isinstance(id, str) or not id:
        return True
    row = db.session.get(_KEYS[key], id)
    return row is not None and row.workspace_id == workspace_id
