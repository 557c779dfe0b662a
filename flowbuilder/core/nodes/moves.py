"""What a step may answer when a run comes by: where it goes on, what it waits for, how it ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class End:
    """``outcome`` is None where a person leaves and no Finish says it."""

    outcome: str | None


@dataclass(frozen=True, slots=True)
class Expire:
    """End, since nobody came."""


@dataclass(frozen=True, slots=True)
class Leave:
    """Go on through a port; ``unled`` is what happens where that leads nowhere, and may."""

    port: str
    unled: End | Expire | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Stay until something comes. At ``until``, if it is given, the step is asked again by an input of kind timer."""

    until: datetime | None = None
    for_more: bool = False  # said when a result came: the same request has another one to come


@dataclass(frozen=True, slots=True)
class Ask:
    """Have something done outside, and stay: what came of it is an input of kind result. ``request`` is for ``services``: its
    ``kind`` names who carries it out. ``until`` is as for ``Wait``.
    """

    request: Mapping[str, Any]
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class HandOver:
    """Give the conversation to people of ``team`` (an id; empty: to all), and stay: what they do is an input of kind colleague."""

    team: str
    note: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Quit:
    """The person chose to finish: go on through ``port`` if it leads anywhere; the run counts as cancelled, as its Finish says."""

    port: str
    reason: str


@dataclass(frozen=True, slots=True)
class Ignore:
    """The input was not meant for this step; the run stays as it is."""

    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class GoOn:
    """Go over to another flow and go on there."""

    flow: str


Move = Leave | Wait | Ask | HandOver | End | Expire | Quit | Ignore | GoOn
