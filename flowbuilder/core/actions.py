"""The buttons that a designer puts under a message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Call:
    label: str = ""
    phone: str = ""
    kind: str = "call"


@dataclass(frozen=True, slots=True)
class Link:
    label: str = ""
    url: str = ""
    kind: str = "link"


@dataclass(frozen=True, slots=True)
class Reply:
    """A button that answers with its label, and starts no flow."""

    label: str = ""
    kind: str = "reply"


Action = Call | Link | Reply


def read_action(data: Mapping[str, Any]) -> Action:
    """Read a stored one; what is missing or of a wrong type is empty."""

    def text(key: str) -> str:
        value = data.get(key)
        return value if isinstance(value, str) else ""

    if data.get("kind") == "call":
        return Call(text("label"), text("phone"))
    if data.get("kind") == "reply":
        return Reply(text("label"))
    return Link(text("label"), text("url"))
