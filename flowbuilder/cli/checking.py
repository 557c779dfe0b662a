"""The command that says of flows in files what the canvas would say."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.command()
@click.argument("files", type=click.Path(exists=True, dir_okay=False, path_type=Path), nargs=-1, required=True, metavar="FILE...")
@click.option("--format", "form", type=click.Choice(["text", "json", "sarif"]), default="text", show_default=True, help="How to say it.")
@click.option("--strict", is_flag=True, help="Let warnings count as errors.")
def check(files: tuple[Path, ...], form: str, strict: bool) -> None:
    """Say what the canvas would say about the flows in each FILE, but for the review of their outbound messages.

    Ends with 0 when all can be published, with 1 when a check found an error (with --strict also a warning) or a file is no flow,
    and with 2 when the call itself is wrong, such as a FILE that is not there.
    """
    from flowbuilder.services.flows import files as service

    checked = [service.check(file) for file in files]
    click.echo(service.report(checked, form))
    if any(one.review.findings if strict else one.review.errors for one in checked):
        sys.exit(1)
