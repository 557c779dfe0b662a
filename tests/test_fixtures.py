"""The fixtures keep what they promise."""

from __future__ import annotations

from collections.abc import Callable

import redis
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from flowbuilder.services.accounts import lines
from flowbuilder.store import db
from flowbuilder.store.accounts import Line, Role, User, Workspace
from tests.fixtures.database import ENGINE


def test_the_database_is_of_the_engine_that_was_asked_for(app: Flask) -> None:
    assert db.engine.dialect.name == ENGINE


def test_a_workspace_has_one_person_of_each_role(workspace: Workspace) -> None:
    assert set(db.session.scalars(sa.select(User.email))) == {f"{role}@acme.example" for role in Role}


def test_each_test_starts_with_an_empty_database(app: Flask) -> None:
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Workspace)) == 0


def test_the_queue_server_is_real_and_empty(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as connection:
        assert "redis_version" in connection.info("server")
        assert connection.dbsize() == 0


def test_the_line_keeps_its_secrets_sealed(line: Line) -> None:
    assert lines.app_secret(line) == "app-secret"
    assert b"app-secret" not in line.app_secret


def test_somebody_who_is_signed_in_sees_pages(sign_in: Callable[..., FlaskClient]) -> None:
    assert sign_in("designer").get("/people").status_code == 403
    assert sign_in("admin").get("/people").status_code == 200
