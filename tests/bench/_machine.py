"""What figures need that run the whole product beside the simulator: its parts as processes that can be started and killed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flowbuilder import clock, create_app
from flowbuilder.config import Config
from flowbuilder.store import db, new_id
from flowbuilder.store.accounts import Line, Workspace
from tests import worlds
from tests.faults.machine import Machine
from tests.fixtures.database import create_tables
from tests.fixtures.servers import Simulator, simulating


@contextmanager
def installation(per_second: int, database_url: str | None = None) -> Iterator[tuple[Machine, Line, Simulator]]:
    """A machine of which nothing runs yet, its line, and the simulator that the line leads to; the app context is pushed."""
    with tempfile.TemporaryDirectory(prefix="fbk") as folder, simulating(Path(folder, "simulator")) as simulator:
        url = database_url or f"sqlite:///{folder}/flowbuilder.db"
        create_tables(url)
        machine = Machine(Path(folder), url, Path(folder, "machine.log"))
        app = create_app(Config(home=Path(folder), port=machine.port, database_url=url, redis_url=machine.redis_url))
        with app.app_context():
            try:
                yield machine, _line(simulator, per_second), simulator
            finally:
                machine.stop()
                db.session.remove()
                db.engine.dispose()


def _line(simulator: Simulator, per_second: int) -> Line:
    workspace = Workspace(id=new_id("wsp"), name="Bench", created_at=clock.now())
    db.session.add(workspace)
    db.session.flush()
    row = Line(
        id=new_id("lin"), workspace_id=workspace.id, name="Bench", display_number="+1 555-010-0001", phone_number_id=worlds.NUMBER_ID,
        waba_id="2000000000000001", app_id="1000000000000001", base_url=simulator.url, app_secret=b"", access_token=b"", verify_token=b"",
        is_simulator=True, messages_per_second=per_second, created_at=clock.now(),
    )  # fmt: skip
    db.session.add(row)
    return worlds.seal(row)
