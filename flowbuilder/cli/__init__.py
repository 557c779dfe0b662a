"""Listens to the command line. Imports of the commands are theirs alone, so that ``--help`` answers at once."""

from __future__ import annotations

from typing import Any

import click

from flowbuilder.cli.application import app_of, config_of, database_of
from flowbuilder.cli.flows import flow
from flowbuilder.errors import FlowBuilderError


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

    up(config_of(), say=click.echo)


@main.command()
def web() -> None:
    """Start the web app alone. A second one shares the port with the first, so that either can be replaced while the other answers."""
    from flowbuilder import logs
    from flowbuilder.up import web

    config = config_of()
    logs.configure("web")
    web.serve(app_of(config), config)


@main.command()
def worker() -> None:
    """Start one worker alone; start as many as you like."""
    from flowbuilder import jobs, logs

    logs.configure("worker")
    jobs.work(app_of(config_of()))


@main.command()
def simulator() -> None:
    """Start the simulator alone: Meta's API and virtual phones, on this machine only."""
    from flowbuilder.up import simulate

    simulate(config_of())


@main.group()
def db() -> None:
    """Look after the database."""


@db.command()
def upgrade() -> None:
    """Bring the tables up to date."""
    from flowbuilder.services import database

    with app_of(config_of()).app_context():
        changed = database.upgrade()
        click.echo(f"The database is at revision {database.revision()}" + (" now." if changed else " already."))


@db.command()
def restored() -> None:
    """Say that this database was restored from a backup: nothing is sent until an administrator confirms it in the browser.

    It is found out by itself where the home has outlived the database; say it where both were restored.
    """
    from flowbuilder.services import restored as service

    with database_of(config_of()):
        service.hold()
        click.echo("Nothing is sent until an administrator confirms it. A notice on every page leads there.")


@db.command(hidden=True)
@click.argument("words")
def migration(words: str) -> None:
    """For developers: write the next migration from how the tables differ from the code."""
    from flowbuilder.services import database

    with app_of(config_of()).app_context():
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

    config = config_of()
    with database_of(config):
        click.echo(config.public_url + people.add_from_console(email, role=role, name=name))


@main.group()
def workspace() -> None:
    """Look after workspaces."""


@workspace.command("add")
@click.argument("name")
@click.option("--admin", required=True, metavar="EMAIL", help="Who looks after it.")
def add_workspace(name: str, admin: str) -> None:
    """Add a workspace, kept apart from the others, with its first administrator.

    Who is new here gets a link by which they sign in once and choose a password; who is known changes over on the page Account.
    """
    from flowbuilder.services.accounts import people

    config = config_of()
    with database_of(config):
        path = people.add_workspace(name, admin)
    click.echo(config.public_url + path if path else f"{admin} is its administrator, and goes there on the page Account.")


main.add_command(flow)
