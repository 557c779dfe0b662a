"""Commands about flows. Those that only look at files need neither database nor settings."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from itertools import compress
from pathlib import Path

import click

from flowbuilder.cli.application import config_of, database_of
from flowbuilder.cli.checking import check
from flowbuilder.errors import FlowBuilderError, Invalid

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def flow() -> None:
    """Look at flows in files, and bring them in and out."""


flow.add_command(check)


@contextmanager
def _ending_with_2() -> Iterator[None]:
    """A file that is no flow ends with 2, since 1 may be an answer."""
    try:
        yield
    except FlowBuilderError as error:
        trouble = click.ClickException(error.text)
        trouble.exit_code = 2
        raise trouble from error


@flow.command("format")
@click.argument("files", type=_FILE, nargs=-1, required=True)
@click.option("--check", "only_look", is_flag=True, help="Write nothing; end with 1 when a file is not written as it should be.")
def format_(files: tuple[Path, ...], only_look: bool) -> None:
    """Write each of FILES in the one form that a flow has: sorted, and in the newest version of the format.

    Ends with 2 when a file is no flow, and then writes none.
    """
    from flowbuilder.services.flows import files as service

    with _ending_with_2():
        changed = list(compress(files, service.put_in_form(files, only_look=only_look)))
    for file in changed:
        click.echo(f"{file}: {'is not in form' if only_look else 'written anew'}")
    if only_look and changed:
        sys.exit(1)


@flow.command()
@click.argument("files", type=_FILE, nargs=-1, required=True)
def layout(files: tuple[Path, ...]) -> None:
    """Lay the cards of the flows in FILES out anew, as Tidy up does on the canvas; ends with 2, writing none, when one is no flow."""
    from flowbuilder.services.flows import files as service

    with _ending_with_2():
        changed = service.lay_out(files)
    for file, is_new in zip(files, changed, strict=True):
        click.echo(f"{file}: {'laid out anew' if is_new else 'lies so already'}")


@flow.command()
@click.argument("old", type=_FILE)
@click.argument("new", type=_FILE)
def diff(old: Path, new: Path) -> None:
    """Say in words what differs between the flows in OLD and NEW; ends with 1 when something does, with 2 when one is no flow."""
    from flowbuilder.services.flows import files

    with _ending_with_2():
        found = files.difference(old, new)
    for mark, text in found:
        click.echo(f"{mark:<9}  {text}")
    if found:
        sys.exit(1)
    click.echo("The two flows are the same.")


@flow.command("export")
@click.argument("flow_id")
@click.option("--version", "number", type=int, help="The number of a published version; the draft where none is given.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="The file to write; printed where none is given.")
def export(flow_id: str, number: int | None, output: Path | None) -> None:
    """Write the flow FLOW_ID of the database as a file."""
    from flowbuilder.services.flows import exchange

    with database_of(config_of()):
        text = exchange.export_from_console(flow_id, number)
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{output} cannot be written ({error.strerror}).") from error
    click.echo(f"{output}: written")


@flow.command("import")
@click.argument("files", type=_FILE, nargs=-1, required=True)
@click.option("--workspace", "workspace_id", help="The id of the workspace; needed where there are several.")
@click.option("--look", "only_look", is_flag=True, help="Only say what would become of the files; nothing is kept.")
def import_(files: tuple[Path, ...], workspace_id: str | None, only_look: bool) -> None:
    """Make new flows of FILES and print their ids; exports of Typebot and RapidPro, too, with what has no counterpart here."""
    from flowbuilder.services.flows import exchange, foreign
    from flowbuilder.services.flows.files import content

    with nullcontext() if only_look else database_of(config_of()):
        workspace_id = None if only_look else exchange.workspace_from_console(workspace_id)
        for file in files:
            try:
                raw = content(file)
                _tell(file, foreign.look_at(raw) if only_look else foreign.import_from_console(raw, workspace_id))
            except Invalid as error:
                raise click.ClickException(f"{file}: {error.text}") from error


def _tell(file: Path, told: list[tuple[str, list[str]]]) -> None:
    """Each flow that comes out of a file, and what there is to say about it."""
    for name, notes in told:
        click.echo(f"{name}  {file}")
        for note in notes:
            click.echo(f"  {note}")
