"""Alive, and ready: what is said about each condition that fails."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from flowbuilder import clock, queue
from flowbuilder.store import db, migrations


@pytest.fixture
def ready(redis_url: str, app: Flask) -> Iterator[FlaskClient]:
    """An installation in which all is well."""
    with db.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32))")
        connection.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{migrations.head()}')")
    queue.beat()
    yield app.test_client()
    with db.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE IF EXISTS alembic_version")


def test_an_installation_in_which_all_is_well_is_ready(ready: FlaskClient) -> None:
    answer = ready.get("/readyz")
    assert answer.status_code == 200
    assert answer.json == {"ready": True, "checks": dict.fromkeys(("database", "tables", "worker", "disk", "keys"), "ok")}


def test_without_a_worker_it_is_not_ready(ready: FlaskClient) -> None:
    with clock.shifted(timedelta(seconds=31)):
        answer = ready.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["checks"]["worker"] == "The worker was last seen 31 s ago. Look into its log and start it again."


def test_without_a_queue_server_no_worker_is_seen(client: FlaskClient) -> None:
    assert client.get("/readyz").json["checks"]["worker"].startswith("No worker has been seen.")


def test_tables_of_another_version_are_told(ready: FlaskClient) -> None:
    with db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    answer = ready.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["checks"]["tables"].startswith("The tables are at revision 0000, not")


def test_a_full_disk_is_told(ready: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(total=1000, free=40))
    assert ready.get("/readyz").json["checks"]["disk"].startswith("Only 4.0% of the disk is free.")


def test_a_damaged_key_is_told(ready: FlaskClient, app: Flask) -> None:
    keys = app.extensions["flowbuilder"].home / "keys" / "secrets.keys"
    keys.parent.mkdir(exist_ok=True)
    keys.write_text("not a key\n")
    assert ready.get("/readyz").json["checks"]["keys"].startswith("The keys of this installation cannot be read")


def test_a_database_that_takes_no_row_is_told(ready: FlaskClient) -> None:
    with db.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE probe RENAME TO probe_away")
    try:
        answer = ready.get("/readyz")
    finally:
        with db.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE probe_away RENAME TO probe")
    assert answer.status_code == 503
    assert answer.json["checks"]["database"].startswith("The database does not take a row")


def test_being_alive_asks_no_database(client: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db.session, "connection", lambda *_a, **_k: pytest.fail("the database was asked"))
    answer = client.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok")
