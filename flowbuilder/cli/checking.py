"""The command that says of flows in files what the canvas would say."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path

import click

from flowbuilder.cli.application import config_of, database_of


@click.command()
@click.argument("files", type=click.Path(exists=True, dir_okay=False, path_type=Path), nargs=-1, required=True, metavar="FILE...")
@click.option("--format", "form", type=click.Choice(["text", "json", "sarif"]), default="text", show_default=True, help="How to say it.")
@click.option("--strict", is_flag=True, help="Let warnings count as errors.")
@click.option("--workspace", help="The name or id of the workspace by whose messages, flows, teams and prices the flows are judged.")
def check(files: tuple[Path, ...], form: str, strict: bool, workspace: str | None) -> None:
    """Say what the canvas would say about the flows in each FILE.

    With --workspace that is all of it; a flow of that workspace with the same name is taken to be the same. Without, nothing is
    known of its messages, teams and so on, and what could not be judged is said. FILEs that are given together know one another
    as the flows that Go to flow names by their ids (the file ID.json is the flow ID).

    Ends with 0 when no check found an error, with 1 when one did (with --strict also for a warning) or a file is no flow,
    and with 2 when the call itself is wrong, such as a FILE that is not there.
    """
    from flowbuilder.services.flows import files as service

    with database_of(config_of()) if workspace else nullcontext():
        checked = service.check(files, workspace)
    click.echo(service.report(checked, form))
    if any(one.review.findings if strict else one.review.errors for one in checked):
        sys.exit(1)
