"""The machine, every part of the product as a process of its own on this test's database; and a line before a stand-in for Meta."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from flowbuilder.services.accounts import lines
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from tests import worlds
from tests.faults.machine import Machine
from tests.stub import Stub


@pytest.fixture
def machine(app: Flask, tmp_path: Path, database_url: str) -> Iterator[Machine]:
    machine = Machine(tmp_path, database_url, tmp_path / "machine.log")
    app.extensions["flowbuilder"] = replace(app.extensions["flowbuilder"], redis_url=machine.redis_url, port=machine.port)
    event.listen(db.session, "before_flush", _take_turns)
    yield machine
    event.remove(db.session, "before_flush", _take_turns)
    machine.stop()
    if (log := tmp_path / "machine.log").exists():
        print(log.read_text()[-6000:])


def _take_turns(session: Session, *_: Any) -> None:
    """The processes write too: to a test that has read before it writes, SQLite would say that it is too late, without any waiting."""
    connection = session.connection()
    if connection.dialect.name == "sqlite" and not connection.get_execution_options().get("writing"):
        connection.execution_options(writing=True)
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("BEGIN IMMEDIATE")


@pytest.fixture
def working(machine: Machine, line: Line, simulator: Any) -> Line:
    """Everything runs, and the simulator tells us what happens."""
    line.messages_per_second = 300
    worlds.seal(line)
    simulator.control("knobs", throughput=1000, pair_limit=False, sent_after=0.05, delivered_after=0.3, read_after=0.6)
    machine.start("queue", "web", "worker")
    lines.subscribe(line.workspace_id, line.id, user_id=None)
    return line


@pytest.fixture
def meta() -> Iterator[Stub]:
    with Stub() as stub:
        yield stub


@pytest.fixture
def here(line: Line, redis_url: str, meta: Stub) -> Line:
    """A line without a limit, on a queue server of its own, whose messages the stand-in gets."""
    line.base_url = meta.url
    line.messages_per_second = 0
    return worlds.seal(line)
