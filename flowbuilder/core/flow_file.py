"""A flow as a file: always the same text for the same flow, and read whatever version of the format it is in.

Keys are sorted, steps and connections follow their ids, and the places of cards are a part of their own, so that a
difference of two files is a difference of the flows. An example wraps its flow together with its initial message.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flowbuilder.core import json_file, schema
from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Flow
from flowbuilder.core.imports import source_of
from flowbuilder.core.migrations import migrate
from flowbuilder.core.nodes import KINDS


def write(flow: Flow) -> str:
    return as_text(flow.to_json())


def as_text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def read(raw: bytes | str) -> tuple[Any, tuple[Finding, ...]]:
    """The document of the flow in a file, in the newest version, and all that keeps it from being one."""
    document, findings = json_file.read(raw)
    if findings:
        return None, findings
    if source := source_of(document):
        text = f"This is an export of {source}. Bring it in by Import on My flows, or by: flowbuilder flow import FILE"
        return None, (Finding("foreign", text),)
    document = migrate(inside(document))
    return document, schema.problems(document)


def inside(document: Any) -> Any:
    """The flow's own document, also where an example wraps it."""
    is_wrapped = isinstance(document, dict) and "nodes" not in document and isinstance(document.get("flow"), dict)
    return document["flow"] if is_wrapped else document


def example(whole: Mapping[str, Any], document: Mapping[str, Any]) -> tuple[Flow, dict[str, Any]]:
    """The flow of an example as it is once its steps name the outbound messages that it brings along, and those by their ids; what its
    steps have checked, somebody does.
    """
    messages: dict[str, Any] = {}
    nodes = []
    for node in document["nodes"]:
        data = node["data"]
        said = whole.get("template") if KINDS[node["kind"]].is_sent else (whole.get("messages") or {}).get(node["id"])
        if said is not None:
            messages[node["id"]] = said
            data = {**data, "template" if KINDS[node["kind"]].is_sent else "message": node["id"]}
        nodes.append({**node, "data": {"provider": "example", **data} if "check" in data else data})
    return Flow.from_json({**document, "nodes": nodes}), messages


def rewrite(raw: bytes, flow: Flow) -> str:
    """The text of a file that held another ``flow``: what an example has around it stays."""
    document, _ = json_file.read(raw)
    return write(flow) if inside(document) is document else as_text({**document, "flow": flow.to_json()})
