"""The migrations make exactly the tables that the code declares, on the engine under test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from flowbuilder import create_app
from flowbuilder.config import Config
from flowbuilder.errors import Conflict, Unavailable
from flowbuilder.services import database
from flowbuilder.store import db, migrations

pytestmark = pytest.mark.database


@pytest.fixture
def blank_app(tmp_path: Path, blank_database_url: str) -> Iterator[Flask]:
    app = create_app(Config(home=tmp_path, database_url=blank_database_url, redis_url="unix:///nobody", testing=True))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def test_an_empty_database_gets_every_table(blank_app: Flask) -> None:
    assert database.upgrade() is True
    assert set(sa.inspect(db.engine).get_table_names()) == set(db.metadata.tables) | {"alembic_version"}
    assert database.revision() == migrations.head()


def test_a_migrated_database_has_no_difference_to_the_code(blank_app: Flask) -> None:
    database.upgrade()
    assert database.differences() == []


def test_a_current_database_is_left_alone(blank_app: Flask) -> None:
    database.upgrade()
    assert database.upgrade() is False


def test_a_migration_can_be_taken_back_and_made_again(blank_app: Flask) -> None:
    database.upgrade()
    alembic = database._alembic()
    alembic.downgrade(directory=str(migrations.FOLDER), revision="base")
    assert set(sa.inspect(db.engine).get_table_names()) == {"alembic_version"}
    assert database.upgrade() is True


def test_a_database_of_a_newer_version_is_refused_in_a_sentence(blank_app: Flask) -> None:
    database.upgrade()
    with db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Conflict, match=r"made by a newer FlowBuilder \(revision 9999\)"):
        database.upgrade()


def test_foreign_keys_are_kept_after_a_migration(blank_app: Flask) -> None:
    database.upgrade()
    with db.engine.connect() as connection, pytest.raises(sa.exc.IntegrityError):
        connection.exec_driver_sql("INSERT INTO membership (workspace_id, user_id, role) VALUES ('no', 'no', 'admin')")


def test_a_database_that_does_not_answer_is_told_in_a_sentence(tmp_path: Path) -> None:
    app = create_app(Config(home=tmp_path, database_url=f"sqlite:///{tmp_path}/no/such/folder/x.db", testing=True))
    with app.app_context(), pytest.raises(Unavailable, match="The database does not answer"):
        database.upgrade()
