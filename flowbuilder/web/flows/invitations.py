"""Links that open WhatsApp with a phrase already typed, and their QR codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import segno
from flask import current_app

from flowbuilder.config import Config
from flowbuilder.services.accounts import lines
from flowbuilder.store.accounts import Line

SHOWN = 3


@dataclass(frozen=True, slots=True)
class Invitation:
    line: str
    phrase: str
    url: str
    picture: str
    virtual: str
    """Where a virtual phone has the phrase typed in; empty for real lines."""


@dataclass(frozen=True, slots=True)
class Invitations:
    """``lines`` are those to choose from; ``links`` go to the chosen one, or to the first few."""

    lines: tuple[Line, ...]
    links: tuple[Invitation, ...]


def each_phrase(workspace_id: str, data: Mapping[str, Any]) -> tuple[Invitation, ...]:
    """For every phrase the link of the first line that takes it."""
    texts = [one["text"].strip() for one in data["phrases"] if one["text"].strip()]
    found = [invitations(workspace_id, {**data, "phrases": [{"text": text}]}).links[:1] for text in texts]
    return tuple(link for links in found for link in links)


def invitations(workspace_id: str, data: Mapping[str, Any]) -> Invitations:
    found = tuple(line for line in lines.of_workspace(workspace_id) if line.disabled_at is None)
    phrase = next((one["text"].strip() for one in data["phrases"] if one["text"].strip()), "")
    chosen = [line for line in found if line.id == data.get("line", line.id)][:SHOWN] if phrase else []
    return Invitations(found, tuple(_invitation(line, phrase) for line in chosen))


def _invitation(line: Line, phrase: str) -> Invitation:
    digits = "".join(sign for sign in line.display_number if sign.isdecimal())
    url = f"https://wa.me/{digits}?text={quote(phrase, safe='')}"
    settings: Config = current_app.extensions["flowbuilder"]
    virtual = f"{settings.simulator_url}/?text={quote(phrase, safe='')}" if line.is_simulator else ""
    return Invitation(line.name, phrase, url, segno.make(url, micro=False).svg_data_uri(scale=4, border=2), virtual)
