"""Web app and worker without a supervisor, on PostgreSQL and a queue server of their own, as ``compose.yaml`` runs them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa

from tests.fixtures.servers import free_port, stop, until

Run = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def database(postgresql_server: str) -> Iterator[str]:
    admin = sa.create_engine(postgresql_server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql("CREATE DATABASE alone")
    yield sa.make_url(postgresql_server).set(database="alone").render_as_string().replace("+psycopg", "")
    with admin.connect() as connection:
        connection.exec_driver_sql("DROP DATABASE alone WITH (FORCE)")
    admin.dispose()


@pytest.fixture
def run(tmp_path: Path, database: str, redis_url: str) -> Iterator[Run]:
    settings = {"FLOWBUILDER_HOME": str(tmp_path), "DATABASE_URL": database, "REDIS_URL": redis_url}
    started: list[subprocess.Popen[str]] = []

    def go(*words: str, **env: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "flowbuilder", *words]
        started.append(subprocess.Popen(command, env={**os.environ, **settings, **env}, stdout=subprocess.PIPE, text=True))
        return started[-1]

    yield go
    for process in started:
        stop(process, within=40)


@pytest.mark.process
def test_web_and_worker_work_on_postgresql_and_end_when_asked(run: Run) -> None:
    port = free_port()
    assert run("db", "upgrade").wait(30) == 0
    web, worker = run("web", PORT=str(port)), run("worker")
    until(lambda: web.poll() is not None or _status(port) == 200, within=30)
    assert requests.get(f"http://127.0.0.1:{port}/readyz", timeout=5).json()["ready"] is True
    added = run("user", "add", "ann@example.com", PORT=str(port))
    link, _ = added.communicate(timeout=30)
    assert requests.get(link.strip(), timeout=5).status_code == 200
    assert stop(web) == 0
    assert stop(worker, within=40) == 0


@pytest.mark.process
def test_without_a_worker_the_web_app_says_so(run: Run) -> None:
    port = free_port()
    assert run("db", "upgrade").wait(30) == 0
    run("web", PORT=str(port))
    until(lambda: _status(port) == 503, within=30)
    assert requests.get(f"http://127.0.0.1:{port}/readyz", timeout=5).json()["checks"]["worker"].startswith("No worker has been seen.")


def _status(port: int) -> int | None:
    try:
        return requests.get(f"http://127.0.0.1:{port}/readyz", timeout=2).status_code
    except requests.RequestException:
        return None
