"""Exports of other builders, and what is asked of the flows that become of them."""

from __future__ import annotations

import json
from pathlib import Path

from flowbuilder.core.flow import Flow
from flowbuilder.core.imports import Imported, convert

FILES = Path(__file__).parents[1] / "data" / "imports"
NAMES = ("typebot", "typebot_connected", "rapidpro", "rapidpro_connected")
TYPEBOT, SHOP, RAPIDPRO, CONNECTED = (json.loads((FILES / f"{name}.json").read_text()) for name in NAMES)


def only(document: dict) -> Imported:
    (imported,) = convert(document)
    return imported


def told(imported: Imported) -> str:
    return "\n".join(f"{note.kind}: {note.where}: {note.text}" for note in imported.notes)


def step(flow: Flow, words: str) -> str:
    """The id of the step that says so."""
    return next(node.id for node in flow.nodes.values() if words in node.data.get("text", ""))
