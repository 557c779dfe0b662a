"""Flows in files that belong to no workspace: only looked at, never kept."""

from __future__ import annotations

from pathlib import Path

from flowbuilder.core import schema
from flowbuilder.core.checks import Review, verdict


def check(file: Path) -> Review:
    """What the canvas would say, but for the initial message: a file knows nothing of its review. An example's flow is looked at too."""
    document, findings = schema.read(file.read_bytes())
    if findings:
        return Review(findings)
    if isinstance(document, dict) and "nodes" not in document and "flow" in document:
        document = document["flow"]
    return verdict(document, None)
