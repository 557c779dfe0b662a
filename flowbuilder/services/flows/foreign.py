"""Flows of other builders: looked at before anything is taken, then taken as they were shown."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from flowbuilder.core import imports, json_file, schema
from flowbuilder.core.imports import Imported
from flowbuilder.errors import Invalid
from flowbuilder.services.flows.drafts import create_from
from flowbuilder.services.flows.exchange import import_, name_here, read, workspace_from_console
from flowbuilder.store import flows as rows
from flowbuilder.store.flows import FlowDraft

PACKED_MAX = 450_000


def look_into(raw: bytes) -> tuple[Imported, ...]:
    """The flows that another builder's file would become; none where the file is not of another builder."""
    document, findings = json_file.read(raw)
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
    documents = json.dumps([[one.flow.to_json(), dict(one.goes_to)] for one in found], separators=(",", ":"))
    packed = base64.b64encode(zlib.compress(documents.encode(), 9)).decode()
    if len(packed) > PACKED_MAX:
        raise Invalid("These flows are too large to be looked at in the browser. Bring them in by: flowbuilder flow import FILE")
    return packed


def take(workspace_id: str, packed: str, user_id: str | None) -> list[FlowDraft]:
    """A new flow of each that was shown."""
    return _create(workspace_id, _unpack(packed), user_id)


def look_at(raw: bytes) -> list[tuple[str, list[str]]]:
    """For the command line: each flow in the file by its name, with the notes on it."""
    if found := look_into(raw):
        return [(one.flow.name, _notes(one)) for one in found]
    return [(read(raw)["name"], [])]


def import_from_console(raw: bytes, workspace_id: str | None) -> list[tuple[str, list[str]]]:
    """The same, by the ids of the new flows."""
    workspace_id = workspace_from_console(workspace_id)
    if found := look_into(raw):
        drafts = _create(workspace_id, [(one.flow.to_json(), one.goes_to) for one in found], None)
        return [(draft.id, _notes(one)) for draft, one in zip(drafts, found, strict=True)]
    return [(import_(workspace_id, raw, None).id, [])]


def _create(workspace_id: str, found: Sequence[tuple[dict[str, Any], Mapping[str, str]]], user_id: str | None) -> list[FlowDraft]:
    """The flows, each after those that it goes over to; one that is not in the file is looked for in the workspace by its name."""
    by_name = {document["name"]: at for at, (document, _) in enumerate(found)}
    made: dict[int, FlowDraft] = {}
    begun: set[int] = set()

    def id_of(name: str) -> str | None:
        return make(by_name[name]) if name in by_name else next(iter(rows.named(workspace_id, name)), None)

    def make(at: int) -> str | None:
        document, goes_to = found[at]
        if at not in begun:
            begun.add(at)
            chosen = {step: id for step, name in goes_to.items() if (id := id_of(name))}
            made[at] = create_from(workspace_id, _going_to(document, chosen), user_id, name=name_here(workspace_id, document["name"]))
        return made[at].id if at in made else None

    for at in range(len(found)):
        make(at)
    return [made[at] for at in range(len(found))]


def _going_to(document: dict[str, Any], chosen: Mapping[str, str]) -> dict[str, Any]:
    nodes = [{**node, "data": {**node["data"], "flow": chosen[node["id"]]}} if node["id"] in chosen else node for node in document["nodes"]]
    return {**document, "nodes": nodes}


def _notes(imported: Imported) -> list[str]:
    return [f"{note.kind}: {f'{note.where}: ' if note.where else ''}{note.text}" for note in imported.notes]


def _unpack(packed: str) -> list[tuple[dict[str, Any], dict[str, str]]]:
    try:
        text = zlib.decompressobj().decompress(base64.b64decode(packed, validate=True), json_file.BYTES_MAX)
        found = [(document, goes_to) for document, goes_to in json.loads(text)]
        if not found or len(found) > 100 or any(schema.problems(document) or not isinstance(goes_to, dict) for document, goes_to in found):
            raise ValueError("no flows")
    except (binascii.Error, zlib.error, ValueError, TypeError, RecursionError) as error:
        raise Invalid("What was to be imported did not arrive whole. Choose the file again.") from error
    return found
