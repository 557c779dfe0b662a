"""Settings from the environment: each has a default that works, and a wrong one is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowbuilder.config import Config


def test_nothing_needs_to_be_set() -> None:
    config = Config.from_env({})
    assert (config.port, config.simulator_port, config.home) == (8000, 8001, Path("var").absolute())
    assert config.database_url == f"sqlite:///{config.home}/flowbuilder.db"
    assert config.public_url == "http://127.0.0.1:8000"
    assert config.queue_socket is not None


def test_the_public_address_follows_the_port() -> None:
    assert Config.from_env({"PORT": "9000"}).public_url == "http://127.0.0.1:9000"
    assert Config.from_env({"PORT": "9000", "PUBLIC_URL": "https://flows.example/"}).public_url == "https://flows.example"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_every_usual_spelling_of_postgresql_means_the_driver_that_we_have(scheme: str) -> None:
    assert Config.from_env({"DATABASE_URL": f"{scheme}://u@db/x"}).database_url == "postgresql+psycopg://u@db/x"


@pytest.mark.parametrize("port", ["0", "65536", "-1", "eighty", "80.5"])
def test_a_port_that_is_none_is_told(port: str) -> None:
    with pytest.raises(ValueError, match="SIMULATOR_PORT must be a port number"):
        Config.from_env({"SIMULATOR_PORT": port})
