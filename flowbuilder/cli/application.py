"""The settings and the application, for commands that need them; what is wrong with either in one sentence."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from flowbuilder.config import Config

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask


def config_of() -> Config:
    try:
        return Config.from_env()
    except ValueError as error:
        raise click.ClickException(str(error)) from error


def app_of(config: Config) -> Flask:
    from flowbuilder import create_app

    try:
        config.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        return create_app(config)
    except OSError as error:
        raise click.ClickException(f"The folder {config.home} cannot be written ({error.strerror}). Set FLOWBUILDER_HOME.") from error


@contextmanager
def database_of(config: Config) -> Iterator[None]:
    """The application's database, which has the tables that it must have."""
    from flowbuilder.services import database

    with app_of(config).app_context():
        database.must_stand()
        yield
