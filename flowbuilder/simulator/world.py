"""Everything a running simulator has, in one value that the modules hand around."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from flask import current_app

from flowbuilder.simulator.clock import Clock
from flowbuilder.simulator.settings import Knobs, Settings
from flowbuilder.simulator.store import Store

if TYPE_CHECKING:
    from flowbuilder.simulator.faults import Faults
    from flowbuilder.simulator.sending.limits import Limits


@dataclass(slots=True, kw_only=True)
class World:
    home: Path
    settings: Settings
    store: Store
    knobs: Knobs
    clock: Clock
    limits: Limits
    faults: Faults
    mail_port: int = 0  # where mail is taken; 0 when none is
    more_due: Event = field(default_factory=Event)  # the beat has something to do
    more_news: Event = field(default_factory=Event)  # the postman has something to carry
    more_results: Event = field(default_factory=Event)  # the courier has something to carry
    stopping: Event = field(default_factory=Event)


def world() -> World:
    """The world of the request under way."""
    return current_app.extensions["simulator"]


def open_world(home: Path, settings: Settings) -> World:
    """Open, or begin, the simulation that lives in ``home``."""
    from flowbuilder.simulator.faults import Faults
    from flowbuilder.simulator.sending.limits import Limits

    home.mkdir(parents=True, exist_ok=True)
    store = Store(home / "simulator.db")
    knobs = Knobs(store, {"review_seconds": settings.review_seconds})
    clock = Clock(knobs)
    limits, faults = Limits(knobs, clock, store), Faults(store, knobs, clock)
    return World(home=home, settings=settings, store=store, knobs=knobs, clock=clock, limits=limits, faults=faults)
