"""``flowbuilder up``: the whole product in one process tree. The order of things is here, the parts are beside."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING

from flowbuilder import clock, logs
from flowbuilder.config import Config
from flowbuilder.errors import Unavailable
from flowbuilder.up import prepare, queue_server
from flowbuilder.up.supervisor import Child, Supervisor

if TYPE_CHECKING:
    from flask import Flask

_READY_WITHIN = 60.0
_PATIENCE_AFTER_A_CRASH = 10.0
_HOUSEKEEPING_SECONDS = 600.0


def up(config: Config, say: Callable[[str], None]) -> None:
    """Start everything, say where it is, keep it alive until asked to stop."""
    with prepare.home(config) as was_orderly, Supervisor(say) as supervisor:
        config = prepare.claim_ports(config, patience=0.0 if was_orderly else _PATIENCE_AFTER_A_CRASH)
        logs.keep_small(config.logs)
        _start_queue(config, supervisor)
        app, path = _load(config)
        supervisor.start(Child("simulator", lambda: simulate(config), config.logs / "simulator.log", rank=1))
        supervisor.start(Child("worker", lambda: _work(app), config.logs / "worker.log"))
        supervisor.start(Child("web", lambda: _serve(app, config), config.logs / "web.log"))
        if not _await_ready(config, supervisor):
            return
        prepare.subscribe(app)
        _let_go(app)
        say(_banner(config, path))
        _watch(config, supervisor)
        say("Stopping: what is in flight is finished first. Ctrl-C again stops at once.")


def _start_queue(config: Config, supervisor: Supervisor) -> None:
    """It gets ready while we load the app."""
    if config.queue_socket is not None:
        socket = config.queue_socket
        queue_server.prepare(socket)
        supervisor.start(Child("queue", lambda: queue_server.become(socket, config.home / "queue"), config.logs / "queue.log", rank=2))


def _load(config: Config) -> tuple[Flask, str]:
    """The app with migrated data, and all modules that the children need: what is loaded before a fork is held once for all."""
    import granian  # noqa: F401
    import structlog  # noqa: F401

    import flowbuilder.simulator.__main__  # noqa: F401
    from flowbuilder import create_app, jobs  # noqa: F401

    app = create_app(config)
    path = prepare.data(app)
    _let_go(app)
    return app, path


def _let_go(app: Flask) -> None:
    """No connection may be open when a child is forked: two processes on one would garble it."""
    from flowbuilder.store import db

    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def simulate(config: Config) -> None:
    """Be the simulator. It gets words on its command line and secrets by environment, as if it were not ours."""
    from flowbuilder.services.accounts.keys import provider_secret, simulator_secrets

    secrets = simulator_secrets(config.home)
    os.environ.setdefault("SIMULATOR_APP_SECRET", secrets["app_secret"])
    os.environ.setdefault("SIMULATOR_ACCESS_TOKEN", secrets["access_token"])
    os.environ.setdefault("SIMULATOR_PROVIDER_SECRET", provider_secret(config.home))
    from flowbuilder.simulator.__main__ import main

    raise SystemExit(
        main(["--port", str(config.simulator_port), "--smtp-port", str(config.simulator_smtp_port), "--home", str(config.home)])
    )


def _serve(app: Flask, config: Config) -> None:
    from flowbuilder.up import web

    logs.configure("web")
    web.serve(app, config)


def _work(app: Flask) -> None:
    from flowbuilder import jobs

    logs.configure("worker")
    jobs.work(app)


def _await_ready(config: Config, supervisor: Supervisor) -> bool:
    """False when somebody asked to stop meanwhile."""
    deadline = clock.monotonic() + _READY_WITHIN
    while True:
        supervisor.tick(0.05)
        if supervisor.is_stopping:
            return False
        web, simulator = _status(config.host, config.port, "/readyz"), _status("127.0.0.1", config.simulator_port, "/")
        if web == 200 and simulator is not None:
            return True
        if clock.monotonic() > deadline:
            missing = "simulator" if simulator is None else "web app" if web is None else "worker or database"
            raise Unavailable(f"The {missing} did not become ready within {_READY_WITHIN:g} s. Look into the logs in {config.logs}.")


def _status(host: str, port: int, path: str) -> int | None:
    connection = HTTPConnection("127.0.0.1" if host in ("0.0.0.0", "::") else host, port, timeout=2)
    with suppress(OSError, HTTPException):
        connection.request("GET", path)
        return connection.getresponse().status
    return None


def _watch(config: Config, supervisor: Supervisor) -> None:
    due = clock.monotonic() + _HOUSEKEEPING_SECONDS
    while not supervisor.is_stopping:
        supervisor.tick(5.0)
        if clock.monotonic() > due:
            due += _HOUSEKEEPING_SECONDS
            logs.keep_small(config.logs)


def _banner(config: Config, path: str) -> str:
    rows = [("FlowBuilder", config.public_url), ("Virtual phones", config.simulator_url), ("Data and logs", str(config.home))]
    if path:
        rows.insert(1, ("Sign in, once", config.public_url + path))
    lines = "\n".join(f"  {name:<15} {value}" for name, value in rows)
    return f"\nFlowBuilder is ready.\n\n{lines}\n\nCtrl-C stops it; the next start goes on where it was.\n"
