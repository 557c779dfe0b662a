"""The queries that run every few seconds find their few rows by an index, however many messages there are."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from flowbuilder.services.sending import deliver, doubt, sweep
from flowbuilder.store import db, leases


@pytest.mark.parametrize("ask", [sweep.reap, sweep.ring_messages, doubt.resolve, deliver.waiting, lambda: leases.holders(db.session)])
def test_it_reads_no_table_of_messages_from_end_to_end(app: Flask, ask: Any) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL chooses by the size of tables")
    asked: list[tuple[str, Any]] = []
    event.listen(db.engine, "before_cursor_execute", lambda _c, _cur, statement, parameters, _x, _m: asked.append((statement, parameters)))
    ask()
    plans = [
        row[-1]
        for statement, parameters in asked
        if statement.startswith(("SELECT", "UPDATE")) and "FROM message" in statement
        for row in db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
    ]
    assert any("message" in plan for plan in plans)
    assert not [plan for plan in plans if plan.startswith("SCAN message") and "USING" not in plan], plans
