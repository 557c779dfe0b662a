"""Listens to the command line. Imports of the commands are theirs alone, so that ``--help`` answers at once."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flowbuilder.config import Config
from flowbuilder.errors import FlowBuilderError

if TYPE_CHECKING:
    from flask import Flask


class _Commands(click.Group):
    """Says errors of ours in one sentence; anything else is a fault of the program and keeps its traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except FlowBuilderError as error:
            raise click.ClickException(error.text) from error


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="flowbuilder")
def main() -> None:
    """Draw WhatsApp conversations, prove them, try them and run them.

    Settings come from the environment: PORT, SIMULATOR_PORT, FLOWBUILDER_HOME, FLOWBUILDER_HOST, DATABASE_URL,
    REDIS_URL, PUBLIC_URL. Each has a default that works.
    """


@main.command()
def up() -> None:
    """Start everything under one supervisor: web app, worker, queue server and simulator."""
    from flowbuilder.up import up

    up(_config(), say=click.echo)


@main.command()
def web() -> None:
    """Start the web app alone."""
    from flowbuilder import logs
    from flowbuilder.up import ports, web

    config = _config()
    ports.claim(config.host, config.port, "PORT")
    logs.configure("web")
    web.serve(_app(config), config)


@main.command()
def worker() -> None:
    """Start one worker alone; start as many as you like."""
    from flowbuilder import jobs, logs

    logs.configure("worker")
    jobs.work(_app(_config()))


@main.command()
def simulator() -> None:
    """Start the simulator alone: Meta's API and virtual phones, on this machine only."""
    from flowbuilder.up import simulate

    simulate(_config())


@main.group()
def db() -> None:
    """Look after the database."""


@db.command()
def upgrade() -> None:
    """Bring the tables up to date."""
    from flowbuilder.services import database

    with _app(_config()).app_context():
        changed = database.upgrade()
        click.echo(f"The database is at revision {database.revision()}" + (" now." if changed else " already."))


@db.command()
def restored() -> None:
    """Say that this database was restored from a backup: nothing is sent until an administrator confirms it in the browser.

    It is found out by itself where the home has outlived the database; say it where both were restored.
    """
    from flowbuilder.services import restored as service

    with _app(_config()).app_context():
        service.hold()
        click.echo("Nothing is sent until an administrator confirms it. A notice on every page leads there.")


@db.command(hidden=True)
@click.argument("words")
def migration(words: str) -> None:
    """For developers: write the next migration from how the tables differ from the code."""
    from flowbuilder.services import database

    with _app(_config()).app_context():
        database.write_migration(words)


@main.group()
def user() -> None:
    """Look after people."""


@user.command()
@click.argument("email")
@click.option("--role", type=click.Choice(["admin", "designer", "tester", "viewer"]), default="admin", show_default=True)
@click.option("--name", default="", help="How the person is called.")
def add(email: str, role: str, name: str) -> None:
    """Add a person, and print the link by which they sign in once and choose a password."""
    from flowbuilder.services.accounts import people

    config = _config()
    with _app(config).app_context():
        click.echo(config.public_url + people.add_from_console(email, role=role, name=name))


@main.group()
def flow() -> None:
    """Look at flows in files."""


@flow.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check(file: Path) -> None:
    """Say what the canvas would say about the flow in FILE; ends with 1 when something is wrong."""
    from flowbuilder.services.flows import files

    findings = files.check(file).findings
    for finding in findings:
        place = f"{finding.node}: " if finding.node else ""
        way = f"  ({' → '.join(finding.path)})" if finding.path else ""
        click.echo(f"{finding.severity}  {place}{finding.text}{way}")
    if any(finding.is_error for finding in findings):
        sys.exit(1)
    click.echo("This flow can be published." if not findings else "This flow can be published; mind the warnings.")


def _config() -> Config:
    try:
        return Config.from_env()
    except ValueError as error:
        raise click.ClickException(str(error)) from error


def _app(config: Config) -> Flask:
    from flowbuilder import create_app

    try:
        config.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        return create_app(config)
    except OSError as error:
        raise click.ClickException(f"The folder {config.home} cannot be written ({error.strerror}). Set FLOWBUILDER_HOME.") from error
