"""What must be in place before anything starts: the home, the tables, and at the first start a workspace to look at."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import combinations

from flask import Flask

from flowbuilder.config import Config
from flowbuilder.errors import Conflict, Unavailable
from flowbuilder.up import ports


@contextmanager
def home(config: Config) -> Iterator[bool]:
    """Hold the home for us alone. Gives whether whoever held it before was stopped in an orderly way.

    The lock is one that children do not inherit, so that it ends with the supervisor.
    """
    try:
        config.logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(config.home / "up.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise Unavailable(f"The folder {config.home} cannot be written ({error.strerror}). Set FLOWBUILDER_HOME to another.") from None
    try:
        fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        running = os.read(handle, 20).decode().strip()
        raise Conflict(f"FlowBuilder runs already from {config.home} (process {running}). Stop it, or set FLOWBUILDER_HOME.") from None
    was_orderly = not os.read(handle, 20)
    os.ftruncate(handle, 0)
    os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
    yield was_orderly
    os.ftruncate(handle, 0)
    os.close(handle)


def claim_ports(config: Config, *, patience: float) -> Config:
    """All must be free; after a crash the predecessor's last connections get a moment to end. The settings with the ports to use."""
    names = {"PORT": config.port, "SIMULATOR_PORT": config.simulator_port, "SIMULATOR_SMTP_PORT": config.simulator_smtp_port}
    for name, other in combinations(names, 2):
        if names[name] == names[other]:
            raise Conflict(f"{name} and {other} are both {names[name]}. Set one of them to another port.")
    ports.claim(config.host, config.port, "PORT", patience=patience)
    ports.claim("127.0.0.1", config.simulator_port, "SIMULATOR_PORT", patience=patience)
    if config.is_smtp_port_chosen:
        ports.claim("127.0.0.1", config.simulator_smtp_port, "SIMULATOR_SMTP_PORT", patience=patience)
        return config
    return replace(config, simulator_smtp_port=ports.this_or_free("127.0.0.1", config.simulator_smtp_port))


def data(app: Flask) -> str:
    """Migrate, and fill an empty installation. The path of a one-time sign-in link, as long as its administrator has no password."""
    from flowbuilder.services import database
    from flowbuilder.services.accounts import start

    with app.app_context():
        database.upgrade()
        path = start.first_start(app.extensions["flowbuilder"])
        if path:
            _add_examples()
        return path


def subscribe(app: Flask) -> None:
    """Tell the simulator where its line's webhooks go, as Meta is told on its dashboard."""
    from flowbuilder.services.accounts import start

    with app.app_context():
        start.subscribe_simulator()


def _add_examples() -> None:
    """Two flows to look at, unless there are some already."""
    from flowbuilder.services.flows import gallery, listing
    from flowbuilder.store import db
    from flowbuilder.store.accounts import Workspace

    workspace_id = db.session.scalars(db.select(Workspace.id).order_by(Workspace.created_at)).first()
    if workspace_id is None or listing.summaries(workspace_id) or listing.summaries(workspace_id, deleted=True):
        return
    for id in ("appointment_confirmation", "delivery_feedback"):
        gallery.create_from_example(workspace_id, id)
