"""The whole product, as ``make run`` starts it: up, looked after, down, and up again where it was."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import requests

from tests.fixtures.product import Product
from tests.fixtures.servers import answers, free_port, until

Launch = Callable[..., Product]


def _is_ready(product: Product) -> bool:
    try:
        return requests.get(f"{product.url}/readyz", timeout=2).status_code == 200
    except requests.RequestException:
        return False


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _rows(product: Product, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(product.home / "flowbuilder.db")) as connection:
        return connection.execute(query).fetchall()


def test_the_first_start_shows_addresses_and_a_way_in_and_ctrl_c_leaves_nobody(launch: Launch) -> None:
    product = launch().await_ready()
    assert product.url in product.output and product.simulator_url in product.output
    assert set(product.children()) == {"queue", "simulator", "worker", "web"}
    answer = requests.get(f"{product.url}/readyz", timeout=5)
    assert (answer.status_code, set(answer.json()["checks"].values())) == (200, {"ok"})
    assert requests.get(f"{product.url}/healthz", timeout=5).text == "ok"
    assert _rows(product, "SELECT name FROM workspace") == [("Demo",)]
    assert len(_rows(product, "SELECT name FROM flow")) == 2
    assert "TIER_100K" in str(_rows(product, "SELECT facts FROM line"))
    assert requests.get(product.signin_link, timeout=5).status_code == 200

    children = product.children().values()
    os.kill(product.process.pid, signal.SIGINT)
    assert product.process.wait(20) == 0
    assert not any(_is_alive(pid) for pid in children)
    assert not answers(product.port) and not answers(product.simulator_port)


def test_the_next_start_goes_on_where_it_was(launch: Launch) -> None:
    first = launch().await_ready()
    before = _rows(first, "SELECT id, created_at FROM flow ORDER BY id")
    line = _rows(first, "SELECT id FROM line")
    assert first.stop() == 0
    second = launch(PORT=str(first.port), SIMULATOR_PORT=str(free_port())).await_ready()
    assert _rows(second, "SELECT id, created_at FROM flow ORDER BY id") == before
    assert _rows(second, "SELECT id, base_url FROM line") == [(line[0][0], second.simulator_url)]


@pytest.mark.parametrize("name", ["web", "worker", "queue", "simulator"])
def test_a_part_that_is_killed_comes_back(product: Product, name: str) -> None:
    before = product.children()[name]
    os.kill(before, signal.SIGKILL)
    until(lambda: product.children().get(name, before) != before, within=10, tell=product.state)
    until(lambda: _is_ready(product) and answers(product.simulator_port), within=20)
    until(lambda: f"{name} ended unexpectedly (signal SIGKILL)" in product.output)


def test_the_process_that_answers_is_started_again_too(product: Product) -> None:
    master = product.children()["web"]
    (answering,) = map(int, Path(f"/proc/{master}/task/{master}/children").read_text().split())
    os.kill(answering, signal.SIGKILL)
    until(lambda: not _is_alive(answering))
    until(lambda: _is_ready(product), within=15)


def test_after_the_supervisor_was_killed_the_next_start_takes_over(launch: Launch) -> None:
    first = launch().await_ready()
    children = list(first.children().values())
    first.process.kill()
    first.process.wait()
    second = launch(PORT=str(first.port), SIMULATOR_PORT=str(first.simulator_port)).await_ready()
    until(lambda: not any(_is_alive(pid) for pid in children), within=15, tell=second.state)
    assert _is_ready(second)


@pytest.mark.parametrize("setting", ["PORT", "SIMULATOR_PORT"])
def test_a_taken_port_is_one_sentence(launch: Launch, setting: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        product = launch(**{setting: str(port)})
        assert product.process.wait(10) == 1
    until(lambda: product.output)
    assert product.output == (
        f"Error: Port {port} is taken by another program. Stop it, or set {setting} to a free port: {setting}=… make run\n"
    )


def test_a_second_start_from_the_same_home_is_one_sentence(product: Product, launch: Launch) -> None:
    second = launch(product.home)
    assert second.process.wait(10) == 1
    until(lambda: second.output)
    assert second.output.startswith(f"Error: FlowBuilder runs already from {product.home} (process {product.process.pid}).")
    assert _is_ready(product)


def test_ctrl_c_during_the_start_ends_it(launch: Launch) -> None:
    product = launch()
    until(lambda: (product.home / "queue.sock").exists())
    os.kill(product.process.pid, signal.SIGINT)
    assert product.process.wait(20) == 0
    assert not answers(product.port) and not answers(product.simulator_port)
