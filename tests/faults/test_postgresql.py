"""PostgreSQL ends connections, and dies and comes back, in the middle of a batch. Always on PostgreSQL, whatever the engine under test."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
import sqlalchemy as sa
from flask.testing import FlaskClient

from flowbuilder import queue
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.sending import Batch
from tests import worlds
from tests.faults.counts import times
from tests.faults.judge import counts, is_through, judge
from tests.faults.machine import Machine, accepted, approved, wait_for
from tests.fixtures.database import Cluster, cluster, create_tables


@pytest.fixture(scope="module")
def _server() -> Iterator[Cluster]:
    with cluster(keeps=True) as here:
        yield here


@pytest.fixture
def server(_server: Cluster) -> Cluster:
    """With empty tables."""
    engine = sa.create_engine(_server.url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    engine.dispose()
    create_tables(_server.url)
    return _server


@pytest.fixture
def database_url(server: Cluster) -> str:
    return server.url


def _ended_all(server: Cluster) -> int:
    """The connections of everybody else, ended as an operator or a proxy does."""
    engine = sa.create_engine(server.url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        ended = connection.exec_driver_sql(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).scalar_one()
    engine.dispose()
    return ended


def test_ended_connections_in_the_middle_of_a_batch_double_and_lose_nobody(
    server: Cluster, working: Line, machine: Machine, simulator: Any
) -> None:
    count, turns = times(600, 5000), times(6, 100)
    batch = worlds.batch(working, approved(working, simulator), count)
    batch_id = batch.id
    queue.ring(queue.BULK, "pump", batch_id)
    for turn in range(turns):
        wait_for(lambda turn=turn: _counted(batch_id)["queued"] <= count - count * turn // (turns + 1), within=60)
        db.session.remove()
        db.engine.dispose()
        wait_for(lambda: _ended_all(server) > 0, within=15)
    wait_for(lambda: is_through(batch_id, but={"unknown"}), within=60)
    judge(db.session.get_one(Batch, batch_id), simulator, count)
    assert len(accepted(simulator)) >= count - counts(batch_id)["unknown"]
    assert machine.processes["worker"].poll() is None


def _counted(batch_id: str) -> Any:
    """The test's own connection may have been ended, too."""
    try:
        return counts(batch_id)
    except sa.exc.OperationalError:
        db.session.remove()
        db.engine.dispose()
        return counts(batch_id)


def test_a_server_that_dies_and_comes_back_costs_time_only(server: Cluster, working: Line, machine: Machine, simulator: Any) -> None:
    count, turns = times(600, 5000), times(2, 50)
    batch = worlds.batch(working, approved(working, simulator), count)
    batch_id = batch.id
    queue.ring(queue.BULK, "pump", batch_id)
    for turn in range(turns):
        wait_for(lambda turn=turn: _counted(batch_id)["queued"] <= count - count * turn // (turns + 1), within=60)
        db.session.remove()
        db.engine.dispose()
        server.stop()
        time.sleep(0.7)
        server.start()
    before = _counted(batch_id)["queued"]
    wait_for(lambda: not before or _counted(batch_id)["queued"] < before, within=15)
    wait_for(lambda: is_through(batch_id, but={"unknown"}), within=60)
    judge(db.session.get_one(Batch, batch_id), simulator, count)


def test_while_it_is_away_pages_say_so_and_webhooks_come_again(
    server: Cluster, working: Line, machine: Machine, sign_in: Callable[..., FlaskClient]
) -> None:
    line_id = working.id
    cookie = sign_in("admin").get_cookie("flowbuilder")
    body = worlds.status("wamid.x", "sent")
    headers = {"X-Hub-Signature-256": worlds.signed(body)}
    url = f"http://127.0.0.1:{machine.port}"
    cookies = {"flowbuilder": cookie.value} if cookie else {}
    assert requests.get(f"{url}/outbound", cookies=cookies, timeout=10).status_code == 200
    db.session.remove()
    db.engine.dispose()
    server.stop()
    page = requests.get(f"{url}/outbound", cookies=cookies, timeout=10)
    told = requests.post(f"{url}/webhooks/{line_id}", data=body, headers=headers, timeout=10)
    assert (page.status_code, page.headers["Retry-After"], told.status_code) == (503, "5", 503)
    assert "try again in a moment" in page.text
    server.start()
    wait_for(lambda: requests.get(f"{url}/outbound", cookies=cookies, timeout=10).status_code == 200, within=15)
    assert requests.post(f"{url}/webhooks/{line_id}", data=body, headers=headers, timeout=10).status_code == 200
