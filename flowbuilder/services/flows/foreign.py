"""Flows of other builders: looked at before anything is taken, then taken as they were shown."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Sequence
from typing import Any

from flowbuilder.core import imports, schema
from flowbuilder.core.imports import Imported
from flowbuilder.errors import Invalid
from flowbuilder.services.flows.drafts import create_from
from flowbuilder.services.flows.exchange import import_, read, workspace_from_console
from flowbuilder.store.flows import FlowDraft

PACKED_MAX = 450_000


def look_into(raw: bytes) -> tuple[Imported, ...]:
    """The flows that another builder's file would become; none where the file is not of another builder."""
    document, findings = schema.read(raw)
    if findings or imports.source_of(document) is None:
        return ()
    try:
        found = imports.convert(document)
    except imports.Foreign as refusal:
        raise Invalid(refusal.text) from refusal
    for one in found:
        if problems := schema.problems(one.flow.to_json()):
            raise Invalid(f"“{one.flow.name}” of this {one.source} export can't become a flow here. {problems[0].text}", problems)
    return found


def pack(found: Sequence[Imported]) -> str:
    """What was shown, for a form to carry until the person has decided."""
    documents = json.dumps([one.flow.to_json() for one in found], separators=(",", ":"))
    packed = base64.b64encode(zlib.compress(documents.encode(), 9)).decode()
    if len(packed) > PACKED_MAX:
        raise Invalid("These flows are too large to be looked at in the browser. Bring them in by: flowbuilder flow import FILE")
    return packed


def take(workspace_id: str, packed: str, user_id: str | None) -> list[FlowDraft]:
    """A new flow of each that was shown."""
    return [create_from(workspace_id, document, user_id) for document in _unpack(packed)]


def look_at(raw: bytes) -> list[tuple[str, list[str]]]:
    """For the command line: each flow in the file by its name, with the notes on it."""
    if found := look_into(raw):
        return [(one.flow.name, _notes(one)) for one in found]
    return [(read(raw)["name"], [])]


def import_from_console(raw: bytes, workspace_id: str | None) -> list[tuple[str, list[str]]]:
    """The same, by the ids of the new flows."""
    workspace_id = workspace_from_console(workspace_id)
    if found := look_into(raw):
        return [(create_from(workspace_id, one.flow.to_json(), None).id, _notes(one)) for one in found]
    return [(import_(workspace_id, raw, None).id, [])]


def _notes(imported: Imported) -> list[str]:
    return [f"{note.kind}: {f'{note.where}: ' if note.where else ''}{note.text}" for note in imported.notes]


def _unpack(packed: str) -> list[dict[str, Any]]:
    try:
        text = zlib.decompressobj().decompress(base64.b64decode(packed, validate=True), schema.BYTES_MAX)
        documents = json.loads(text)
        if not isinstance(documents, list) or not documents or len(documents) > 100:
            raise ValueError("no flows")
    except (binascii.Error, zlib.error, ValueError, RecursionError) as error:
        raise Invalid("What was to be imported did not arrive whole. Choose the file again.") from error
    return documents
